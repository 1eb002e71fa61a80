"""Lists and name sheets x what rules name -> warnings for those that nothing uses."""

from collections.abc import Collection, Mapping

from monitor.rules.terms import Sheet, reference
from monitor.rules.tree import Series


def warn_of_unused(sheets: Mapping[str, Sheet], used: Collection[str]) -> None:
    """Report the lists that neither a rule nor a list that is used names."""
    reached: set[str] = set()
    left = [name for name in used if name in sheets]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += _named_in(sheets[name], sheets)
    for name, sheet in sheets.items():
        if name not in reached:
            sheet.report.warning("unused-list", sheet.node, name=name)


def _named_in(sheet: Sheet, sheets: Mapping[str, Sheet]) -> list[str]:
    nodes = sheet.node.items if isinstance(sheet.node, Series) else (sheet.node,)
    return [name for node in nodes if (name := reference(node)) in sheets and name is not None]
