from accounts.models.api_key import ApiKey
from accounts.models.invitation import Invitation
from accounts.models.membership import Membership
from accounts.models.notice import Notice
from accounts.models.user import User
from accounts.models.workspace import Workspace

__all__ = ["ApiKey", "Invitation", "Membership", "Notice", "User", "Workspace"]
