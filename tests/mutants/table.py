"""The broken variants: what guards people, their data and what leaves, each broken once."""

from datetime import timedelta

from tests.mutants.engine import Constant, Mutant, Row

TABLE: list[Row] = [
    # Workspaces apart.
    Mutant(
        "every workspace sees every row",
        "core.tenancy.TenantQuerySet.visible_to",
        old="return self.filter(workspace_id=actor.workspace_id)",
        new="return self.all()",
        fails="tests/core/test_tenancy.py::test_another_workspaces_row_does_not_exist",
    ),
    Mutant(
        "another workspace decides",
        "approvals.deciding.decisions._locked",
        old='select_for_update(of=("self",)).visible_to(actor)',
        new='select_for_update(of=("self",))',
        fails="tests/approvals/test_deciding.py::test_another_workspaces_reviewer_finds_nothing",
    ),
    Mutant(
        "jobs of others are shown",
        "jobs.models.job.JobQuerySet.visible_to",
        old="return rows if actor.has_role(Role.ADMIN) else rows.filter(owner_id=actor.user_id)",
        new="return rows",
        fails="tests/jobs/test_who.py::test_to_everybody_else_it_is_not_there[get]",
    ),
    Mutant(
        "tool lists are kept by protocol version alone",
        "pathbound_mcp.protocol.sdk._result",
        old="tuple(tool.name for tool in catalog.visible_to(actor))",
        new='("",)',
        fails="tests/protocol/test_lists.py::test_two_rights_never_share_a_list",
    ),
    # Private mail.
    Mutant(
        "a key reads its user's private mail",
        "crm.models.conversation.owner_in",
        old="return actor.user_id if actor.is_person_present else None",
        new="return actor.user_id",
        fails=(
            "tests/crm/test_sharing.py::test_each_sees_what_the_level_says_everywhere"
            "[subject_and_time-mia's key-subject and time]"
        ),
    ),
    Mutant(
        "withheld mail is shown in the timeline",
        "crm.queries.timeline._message",
        old="is_open = row.thread.is_open_to(actor)",
        new="is_open = True",
        fails=(
            "tests/crm/test_sharing.py::test_each_sees_what_the_level_says_everywhere"
            "[subject_and_time-mia's key-subject and time]"
        ),
    ),
    # People, roles, keys.
    Mutant(
        "an ended membership acts",
        "accounts.actors.memberships_in",
        old="        is_active=True,\n",
        new="",
        fails="tests/accounts/test_actors.py::test_an_ended_membership_and_a_deactivated_user_do_not_act",
    ),
    Mutant(
        "a grant grows with its owner",
        "accounts.actors.for_membership",
        old="Role(membership.role).at_most(role_ceiling)",
        new="Role(membership.role)",
        fails="tests/accounts/test_actors.py::test_a_grant_never_grows_with_its_owner",
    ),
    Mutant(
        "an invitation takes over an account",
        "accounts.services.invitations.accept",
        old="person.has_usable_password() or _opens_more(person, invitation)",
        new="person.has_usable_password()",
        fails="tests/accounts/test_invitations.py::test_an_inviter_cannot_take_over_an_account_that_has_no_password_yet",
    ),
    Mutant(
        "external access is enabled without a fresh login",
        "accounts.services.access_grants.require",
        old="require_fresh_login(actor)",
        new="pass",
        fails="tests/accounts/test_access_grants.py::test_the_list_is_for_admins",
    ),
    Mutant(
        "a page operation does not ask for a fresh login",
        "core.page_operations.PageOperation.authorise",
        old="if self.fresh_login:",
        new="if False:",
        fails="tests/identities/test_mailboxes.py::test_a_mailbox_is_an_access_grant",
    ),
    Mutant(
        "a login is counted by place only",
        "accounts.views.login.Login.post",
        old='wait = max(wait, _seconds_to_wait(request, "email", _tried_address))',
        new="wait = max(wait, 0)",
        fails="tests/pages/test_people.py::test_one_address_is_not_tried_from_many_places",
    ),
    Mutant(
        "a key approves what it drafts",
        "accounts.services.api_keys.check",
        old="if new_key.scopes & DECIDING and new_key.scopes & ACTING:",
        new="if new_key.scopes >= DECIDING | ACTING:",
        fails="tests/api/test_keys.py::test_a_key_that_approves_cannot_also_act[actions:write-actions:approve]",
    ),
    Mutant(
        "a revoked key lives",
        "accounts.services.api_keys._unended",
        old="ApiKey.objects.filter(not_over, revoked_at=None)",
        new="ApiKey.objects.filter(not_over)",
        fails="tests/api/test_request_checks.py::test_a_revoked_key_is_refused_with_its_next_request",
    ),
    Mutant(
        "the scope of an operation is not asked",
        "core.operations.Operation.authorise",
        old="if self.missing_scopes(actor):",
        new="if not self.scopes:",
        fails="tests/core/test_operations.py::test_each_declared_operation_refuses_an_app_without_its_scope",
    ),
    Mutant(
        "the role of an operation is not asked",
        "core.operations.Operation.authorise",
        old="actor.require_role(self.propose_role)",
        new="actor.require_role(Role.VIEWER)",
        fails="tests/core/test_operations.py::test_each_declared_operation_refuses_a_role_below_its_own",
    ),
    Constant(
        "an invitation opens for a year",
        ("accounts.services.invitations.LIFETIME",),
        timedelta(days=365),
        fails="tests/accounts/test_invitations.py::test_a_link_ends_after_seven_days",
    ),
    # Once, whoever asks twice.
    Mutant(
        "the same key with other arguments is a replay",
        "core.idempotency._check_same",
        old="if kept.digest != digest:",
        new="if not kept.digest:",
        fails="tests/core/test_idempotency.py::test_other_arguments_under_the_same_key_are_refused",
    ),
    Mutant(
        "a key of a request belongs to everybody",
        "core.idempotency._caller",
        old='return f"{actor.user_id or actor.name}|{app}"',
        new='return f"|{app}"',
        fails="tests/core/test_idempotency.py::test_a_key_belongs_to_one_user_one_app_one_workspace_and_one_operation",
    ),
    Mutant(
        "what an operation wrote stays when its audit row fails",
        "core.operations.Authorised._carry_out",
        old="with unit():",
        new="if op.name:",
        fails="tests/core/test_operations.py::test_without_its_audit_row_nothing_happened",
    ),
    Mutant(
        "what was planned is carried out though a stop came between",
        "core.operations.Authorised._carry_out",
        old="            LEDGER.get().check_not_paused(actor, op)",
        new="            pass",
        fails=(
            "tests/approvals/test_stop.py"
            "::test_a_stop_pressed_while_a_call_is_planned_still_refuses_it"
        ),
    ),
    Mutant(
        "a slot of the schedule fires twice",
        "jobs.slots.first_in_slot",
        old="return False",
        new="return True",
        fails="tests/run/test_slots.py::test_of_many_clocks_at_once_exactly_one_fires",
    ),
    Mutant(
        "a worker that lost its claim writes",
        "jobs.services.leases._of",
        old="status=JobStatus.RUNNING, claim=running.claim)",
        new="status=JobStatus.RUNNING)",
        fails="tests/jobs/test_leases.py::test_a_lost_claim_writes_nothing",
    ),
    Mutant(
        "a bucket of calls grows beyond its size",
        "core.limits._Level.take",
        old="min(rate.calls, self.tokens + refill)",
        new="self.tokens + refill",
        fails="tests/core/test_limits.py::test_a_bucket_refills_with_time_and_not_beyond_its_size",
    ),
    Mutant(
        "a newer version is overwritten",
        "crm.records.save_changed",
        old='"pk": row.pk, "version": seen}',
        new='"pk": row.pk}',
        fails="tests/crm/test_update_contact.py::test_a_change_over_somebody_elses_is_a_conflict",
    ),
    # The audit log.
    Mutant(
        "changed rows of the audit log pass",
        "core.chain._fault",
        old="if seal.digest != digest_of(entry, number, head, seal.sealed_at):",
        new="if not seal.digest:",
        fails="tests/core/test_chain.py::test_a_changed_row_is_found",
    ),
    Mutant(
        "gaps in the chain pass",
        "core.chain._fault",
        old="if seal.number != number:",
        new="if seal.number < number:",
        fails="tests/core/test_chain.py::test_a_row_removed_with_its_seal_is_found",
    ),
    # Secrets.
    Mutant(
        "a secret opens for any row",
        "identities.secrets.unseal",
        old="if owner != bound_to:",
        new="if not owner:",
        fails="tests/identities/test_secrets.py::test_a_secret_does_not_open_for_another_row",
    ),
    Mutant(
        "a password follows to another server",
        "identities.services.mailboxes._assign",
        old="if given or set(changed) & set(PLACE):",
        new="if given:",
        fails="tests/identities/test_mailboxes.py::test_another_server_never_gets_the_password[change0]",
    ),
    Mutant(
        "what an exception says reaches a client",
        "pathbound_mcp.protocol.tool_calls.run",
        old="    except Exception:  # the outermost edge: a client never reads an exception's text",
        new=(
            "    except Exception as error:\n"
            "        if tool:\n"
            '            told = {**_unexpected().as_dict(), "hint": str(error)}\n'
            '            return Answer({"error": told}, is_error=True)'
        ),
        fails="tests/protocol/test_authentication.py::test_an_operation_that_fails_unforeseen_tells_nothing",
    ),
    Mutant(
        "tokens stand in the log",
        "pathbound_mcp.log_redaction.without_tokens",
        old='_LONGER_THAN_AN_ID.sub("...", text)',
        new="text",
        fails="tests/run/test_log_redaction.py::test_a_request_is_logged_without_the_right_in_its_address[/join/u7Jx-1oZbq9fWcT0s5mKQy2dVhRkE8gLnA4pXi6_BtM/]",
    ),
    # OAuth.
    Mutant(
        "a code is redeemed by any client",
        "oauth.authorization_server.validator.Validator.validate_code",
        old="filter(code=checksum(code), application=client)",
        new="filter(code=checksum(code))",
        fails="tests/oauth/test_flow.py::test_another_app_cannot_redeem_a_code",
    ),
    Mutant(
        "a replayed code ends nothing",
        "oauth.authorization_server.validator.Validator.validate_code",
        old='            _end_family(grant.connection, "code_replayed")\n',
        new="",
        fails="tests/oauth/test_flow.py::test_a_replayed_code_ends_what_it_gave",
    ),
    Mutant(
        "a replayed refresh token ends nothing",
        "oauth.authorization_server.validator.Validator.validate_refresh_token",
        old='                _end_family(row.connection, "refresh_replayed")\n',
        new="",
        fails="tests/oauth/test_flow.py::test_a_later_replay_of_a_refresh_token_ends_the_connection",
    ),
    Mutant(
        "a redirect address matches by its beginning",
        "oauth.redirects.matches",
        old="if registered == presented:",
        new="if presented.startswith(registered):",
        fails="tests/oauth/test_redirects.py::test_only_the_very_text_that_was_registered_matches[https://app.example/cb;x]",
    ),
    Mutant(
        "a grant goes beyond the role",
        "oauth.services.connections.Consent.granted",
        old="return self.asked & self.ticked & scopes_for(Role(self.membership.role))",
        new="return self.asked & self.ticked",
        fails=(
            "tests/oauth/test_consent.py::test_granted_is_asked_and_ticked_and_allowed_by_the_role"
            "[actions:read actions:approve-ticked4-member-None]"
        ),
    ),
    Mutant(
        "a box nobody ticked is granted",
        "oauth.services.connections.Consent.granted",
        old="return self.asked & self.ticked & scopes_for(Role(self.membership.role))",
        new="return self.asked & scopes_for(Role(self.membership.role))",
        fails="tests/oauth/test_consent.py::test_nothing_ticked_grants_nothing_and_asks_again",
    ),
    Mutant(
        "a consent is answered with another person's ticket",
        "oauth.authorization_server.pending.find_request",
        old='if kept["user_id"] != str(request.user.pk):',
        new='if not kept["user_id"]:',
        fails="tests/oauth/test_consent.py::test_a_ticket_carried_into_another_persons_session_grants_nothing",
    ),
    Mutant(
        "a token for nobody is accepted",
        "oauth.resource_server.authenticate._live_token",
        old="if token is None or not any(resources.canonical(uri) for uri in token.resource):",
        new="if token is None:",
        fails="tests/oauth/test_flow.py::test_a_token_for_nobody_or_for_somebody_else_is_refused[resource1]",
    ),
    Mutant(
        "a revoked connection lives",
        "oauth.resource_server.authenticate._live_token",
        old="            connection__revoked_at=None,\n",
        new="",
        fails="tests/oauth/test_flow.py::test_a_revoked_connection_is_refused_within_the_next_call",
    ),
    # What may run, what waits, who decides.
    Mutant(
        "a gated operation runs without asking the ledger",
        "core.operations._plan",
        old="return LEDGER.get().plan(actor, op, data, request)",
        new="return _Direct(actor, op, data)",
        fails="tests/core/test_operations.py::test_a_dry_run_changes_nothing",
    ),
    Mutant(
        "an app acts without the box for it",
        "approvals.policy.engine._asker",
        old="executing = require_approval is False and _may_execute(actor)",
        new="executing = require_approval is False",
        fails="tests/approvals/test_policy.py::test_no_value_of_require_approval_lets_a_default_connection_act",
    ),
    Mutant(
        "a red change runs by itself",
        "approvals.policy.engine._without_rules",
        old="if red and proposed.asker not in DECIDERS:",
        new="if red and proposed.asker not in Asker:",
        fails="tests/approvals/test_policy.py::test_what_would_run_runs_and_what_would_wait_waits",
    ),
    Mutant(
        "a message moved by outsiders' words runs by itself",
        "approvals.policy.engine._keeps_waiting",
        old="if proposed.red and proposed.tainted and proposed.asker not in DECIDERS:",
        new="if False:",
        fails="tests/approvals/test_taint.py::test_a_tainted_message_to_somebody_new_never_runs_by_itself",
    ),
    Mutant(
        "just me holds for anybody",
        "approvals.policy.engine._is_just_me",
        old="        and policy.just_me == proposed.actor.user_id\n",
        new="",
        fails="tests/approvals/test_rules.py::test_just_me_lets_nothing_else_run",
    ),
    Mutant(
        "the policy is loosened without a fresh login",
        "core.page_operations.require_fresh_login",
        old="if not actor.fresh_login:",
        new="if False:",
        fails="tests/approvals/test_rules.py::test_what_loosens_needs_a_fresh_login_and_tightening_does_not",
    ),
    Mutant(
        "any role decides",
        "approvals.deciding.decisions._require_role",
        old="if not actor.has_role(role):",
        new="if False:",
        fails="tests/approvals/test_deciding.py::test_a_member_and_a_viewer_do_not_decide",
    ),
    Mutant(
        "an agent decides",
        "approvals.deciding.decisions._may_speak_for_a_person",
        old="return actor.kind is ActorKind.APP or is_key",
        new="return True",
        fails="tests/contract/test_permissions.py::test_a_key_on_mcp_and_an_agent_never_decide",
    ),
    Mutant(
        "who asked decides though four eyes are needed",
        "approvals.deciding.decisions.approve",
        old="    _require_second_approver(actor, action)\n",
        new="",
        fails="tests/approvals/test_rules.py::test_a_second_approver_is_needed_beside_the_requester",
    ),
    Mutant(
        "a red card is approved by a tool",
        "approvals.deciding.decisions._why_browser_only",
        old="if action.red_reasons:",
        new="if False:",
        fails="tests/approvals/test_deciding.py::test_a_high_risk_action_is_not_approved_by_a_tool_even_with_the_box",
    ),
    Mutant(
        "any fingerprint approves",
        "approvals.deciding.decisions.approve",
        old="    _check_fingerprint(action, data.fingerprint)\n",
        new="",
        fails=(
            "tests/approvals/test_deciding.py::test_an_edit_voids_the_fingerprint_that_was_shown",
            "tests/approvals/test_deciding.py::test_a_made_up_fingerprint_approves_nothing",
        ),
    ),
    Mutant(
        "what changed since it was drafted is approved",
        "approvals.deciding.decisions.approve",
        old="if seen.again.stops(action):",
        new="if False:",
        fails="tests/approvals/test_deciding.py::test_a_changed_address_sends_the_card_back",
    ),
    Mutant(
        "what has expired is approved",
        "approvals.deciding.decisions.approve",
        old="    _check_alive(action)\n",
        new="",
        fails="tests/approvals/test_deciding.py::test_what_has_expired_is_not_approved_even_before_it_is_swept",
    ),
    # Sending.
    Mutant(
        "the attempt is not kept before the call",
        "approvals.sending.deliver._send",
        old="attempt = _begin(action, worker)",
        new="attempt = Attempt()",
        fails="tests/approvals/test_dispatch.py::test_the_attempt_is_committed_before_the_server_is_called",
    ),
    Mutant(
        "a worker begins after its lease",
        "approvals.sending.deliver._begin",
        old="            lease_until__gt=clock.now(),\n",
        new="",
        fails="tests/approvals/test_dispatch.py::test_a_worker_whose_lease_ran_out_does_not_begin",
    ),
    Mutant(
        "an unknown outcome is sent again",
        "approvals.sending.claim._settle",
        old="elif attempted:",
        new="elif False:",
        fails="tests/approvals/test_dispatch.py::test_a_worker_lost_while_sending_is_an_unknown_outcome",
    ),
    Mutant(
        "without a provider's key it is tried again",
        "approvals.sending.waiting.may_try_again",
        old="return again or (isinstance(outcome, DeliveryUnknown) and executor.repeatable)",
        new="return again or isinstance(outcome, DeliveryUnknown)",
        fails="tests/approvals/test_providers.py::test_without_a_key_nobody_can_tell_and_nothing_is_sent_again[fault_after-send_slack_message]",
    ),
    Mutant(
        "an outcome is written twice",
        "approvals.sending.attempts._is_written",
        old="return Attempt.objects.filter(pk=attempt.pk, ended_at__isnull=False).exists()",
        new="return False",
        fails="tests/approvals/test_recording.py::test_a_record_whose_commit_was_not_heard_of_is_written_once",
    ),
    Mutant(
        "a status moves from an old copy",
        "approvals.ledger.transitions.move",
        old=(
            "        status=action.status,\n"
            "        version=action.version,\n"
            "        lease_owner=action.lease_owner,\n"
            "        attempts=action.attempts,\n"
        ),
        new="",
        fails="tests/contract/test_statuses.py::test_a_move_from_an_old_copy_is_refused[version]",
    ),
    Mutant(
        "what changed after the yes goes out",
        "approvals.sending.deliver._hindrance",
        old="seen.again.stops(action) or ",
        new="",
        fails="tests/approvals/test_dispatch.py::test_what_changed_after_approval_sends_nothing_and_returns_the_card",
    ),
    Mutant(
        "a reply after the yes stops nothing",
        "approvals.sending.deliver._hindrance",
        old=" or drift.unread_at_dispatch(action)",
        new="",
        fails="tests/approvals/test_taint.py::test_a_reply_after_the_yes_stops_the_message",
    ),
    Mutant(
        "who lost the right still sends",
        "approvals.sending.deliver._hindrance",
        old="if not held_by.decider_may_run:",
        new="if False:",
        fails="tests/approvals/test_dispatch.py::test_a_decider_who_was_demoted_sends_it_back",
    ),
    Mutant(
        "the suppression list is not asked before the call",
        "approvals.sending.deliver.deliver",
        old="reason = _hindrance(seen, held_by) or _finding(seen.findings)",
        new="reason = _hindrance(seen, held_by)",
        fails="tests/approvals/test_checks.py::test_what_was_approved_before_is_cancelled_right_before_the_call",
    ),
    Mutant(
        "a stopped workspace sends",
        "approvals.sending.claim.due",
        old="Action.objects.due(clock.now()).exclude(workspace_id__in=stopped)",
        new="Action.objects.due(clock.now())",
        fails="tests/approvals/test_stop.py::test_nothing_begins_and_what_was_held_waits_for_a_person_after_it",
    ),
    Mutant(
        "a day's limit is spent twice",
        "approvals.sending.deliver._count",
        old="if number > send_counters.daily_limits(identity).get(action.type, number):",
        new="if False:",
        fails="tests/approvals/test_checks.py::test_of_two_workers_at_the_day_s_last_message_one_sends",
    ),
    # The network.
    Mutant(
        "multicast is allowed",
        "core.net.is_public",
        old="if address.is_multicast or not address.is_global:",
        new="if not address.is_global:",
        fails="tests/core/test_net.py::test_an_address_off_the_public_internet_is_refused[224.0.0.1]",
    ),
    Mutant(
        "a name is looked up again after it was judged",
        "core.net._PinnedNetwork.connect_tcp",
        old="self._inner.connect_tcp(address.ip, port,",
        new="self._inner.connect_tcp(host, port,",
        fails="tests/core/test_net.py::test_the_judged_address_is_the_one_connected_to",
    ),
    Mutant(
        "an MCP server is anywhere",
        "core.net_async._PinnedNetwork.connect_tcp",
        old="return list(resolve(host, port, trust=self._trust))",
        new='return [type(resolve("8.8.8.8", 53)[0])(host.strip("[]"), port)]',
        fails="tests/core/test_net_async.py::test_an_address_inside_is_refused[10.0.0.1]",
    ),
    Mutant(
        "an origin passes by its beginning",
        "pathbound_mcp.protocol.views._is_allowed_origin",
        old="origin == settings.PUBLIC_BASE_URL",
        new="origin.startswith(settings.PUBLIC_BASE_URL)",
        fails="tests/protocol/test_authentication.py::test_a_page_of_another_origin_is_refused",
    ),
    Mutant(
        "a forwarded address is read from the left",
        "pathbound_mcp.client_address.client_ip",
        old="_parsed(entries[-hops])",
        new="_parsed(entries[0])",
        fails=(
            "tests/run/test_hosts.py::test_the_address_that_counts_is_always_a_valid_one"
            "[1-192.0.2.1-6.6.6.6, 203.0.113.9-203.0.113.9]"
        ),
    ),
    Mutant(
        "a webhook's signature holds for any body",
        "identities.providers.resend.signatures.verify",
        old=".verify(body, given, json_parse=False)",
        new='.verify(b"{}", given, json_parse=False)',
        fails="tests/approvals/test_resend_reports.py::test_a_signature_of_another_body_changes_nothing",
    ),
    # Agents.
    Mutant(
        "a budget is not weighed before a model is asked",
        "agents.providers.http_client.Meter.output_left",
        old="if self.usage.input_tokens + asked > self.budget.input_tokens or left < MIN_OUTPUT:",
        new="if left < 1:",
        fails="tests/agents/providers/test_models.py::test_no_request_is_made_that_the_budget_does_not_allow[anthropic-input]",
    ),
    Mutant(
        "a text closes its own fence",
        "agents.providers.prompt.Fence.around",
        old="text.replace(self.word, '')",
        new="text",
        fails="tests/agents/providers/test_prompt.py::test_a_text_that_knows_the_word_can_t_close_the_fence",
    ),
    Mutant(
        "what a tool answers is not fenced",
        "agents.providers.prompt.tool_text",
        old="return fence.around(text if",
        new="return (text if",
        fails="tests/agents/providers/test_prompt.py::test_what_a_tool_answers_is_fenced_and_cut",
    ),
    Mutant(
        "an agent cites evidence it was not given",
        "agents.providers.proposals._intent",
        old="if name not in known]",
        new='if name not in known and not name.startswith("evt_")]',
        fails="tests/agents/providers/test_proposals.py::test_a_proposal_that_does_not_hold_up_is_refused_with_the_reason[foreign-evidence]",
    ),
    Mutant(
        "an agent proposes beyond its capabilities",
        "agents.providers.proposals.answer_schema",
        old="for name in PROPOSABLE if name in capabilities]",
        new="for name in PROPOSABLE]",
        fails="tests/agents/providers/test_proposals.py::test_a_type_the_agent_may_not_propose_is_refused",
    ),
    # What comes in, and how it is shown.
    Mutant(
        "any server vouches for a reply",
        "identities.inbox.parsing._dmarc",
        old="if name.split()[:1] == [checked_by]:",
        new="if name:",
        fails="tests/identities/test_email_parsing.py::test_only_the_word_of_our_own_server_counts",
    ),
    Mutant(
        "late mail has come back for good",
        "identities.inbox.reports._returned",
        old=' and status.startswith("5")',
        new="",
        fails="tests/identities/test_email_parsing.py::test_mail_that_is_late_is_no_bounce",
    ),
    Mutant(
        "an edit washes the taint off",
        "approvals.deciding.edits.edit",
        old='proposals.remember_taint(actor, draft, action.drafted_on.get("taint"))',
        new="proposals.remember_taint(actor, draft)",
        fails="tests/approvals/test_taint.py::test_an_edit_does_not_wash_the_taint_off",
    ),
    Mutant(
        "text of an outsider is markup",
        "approvals.templatetags.approval_pages._marked",
        old="    return piece.text",
        new=(
            "    from django.utils.safestring import mark_safe\n\n    return mark_safe(piece.text)"
        ),
        fails="tests/pages/test_queue.py::test_no_external_text_becomes_markup",
    ),
    Mutant(
        "what is erased stays in the ledger",
        "crm.services.erasure._erase_company",
        old=("    for forget in ON_COMPANY_ERASURE:\n        forget(company)\n"),
        new="",
        fails="tests/crm/test_deletions.py::test_the_ledger_keeps_no_word_of_an_erased_company_and_all_of_its_people",
    ),
]
