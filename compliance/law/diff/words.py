"""What a new version of a pack changes in words: what is new, what is gone, and each fact that is another one."""

from compliance.law.diff.told import Told, told
from compliance.law.schema import Pack


def changes_in_words(before: Pack | None, after: Pack) -> list[str]:
    """One sentence per change, in the order of the new version; none where only the file's layout differs."""
    old, new = told(before) if before else {}, told(after)
    found = [
        sentence
        for key, item in new.items()
        for sentence in (changed(old[key], item) if key in old else [f"{item.name} is new{gist(item)}."])
    ]
    return found + [f"{item.name} is gone{gist(item)}." for key, item in old.items() if key not in new]


def gist(item: Told) -> str:
    return f": {item.gist.rstrip('.')}" if item.gist else ""


def changed(before: Told, after: Told) -> list[str]:
    names = [*after.facts, *(name for name in before.facts if name not in after.facts)]
    return [
        f"{after.name}: its {name} {said(before.facts.get(name, ''), after.facts.get(name, ''))}."
        for name in names
        if before.facts.get(name, "") != after.facts.get(name, "")
    ]


def said(was: str, is_now: str) -> str:
    if not was:
        return f"was not given and is now “{is_now}”"
    return f"was “{was}” and is now “{is_now}”" if is_now else f"was “{was}” and is no longer given"
