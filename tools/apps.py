from typing import Any

from django.apps import AppConfig
from django.core import checks


class ToolsConfig(AppConfig):
    """The MCP surface: declarations only."""

    name = "tools"

    def ready(self) -> None:
        checks.register(every_tool_has_its_operation)


def every_tool_has_its_operation(**_: Any) -> list[checks.CheckMessage]:
    """A tool without a declared operation prevents the start."""
    from core import operations
    from tools import catalog

    declared = {op.name for op in operations.all_operations()}
    return [
        checks.Error(f"{tool.name} names {tool.operation}, which is not declared.", id="tools.E001")
        for tool in catalog.all_tools().values()
        if tool.operation not in declared
    ]
