"""What is wrong with the lists themselves, before any estimator looks at them."""

from collections.abc import Iterable, Mapping, Sequence

from compliance.estimates.diagnostics import DEFAULT, Notice, Thresholds, figure, notice, spoken
from compliance.estimates.tables import Table


def too_few(n: int, sizes: Mapping[str, int], limits: Thresholds = DEFAULT) -> Notice | None:
    """W01 for so many operations, and so many on each list that is used."""
    short = {name: size for name, size in sizes.items() if size < limits.w01_list}
    if n >= limits.w01_operations and not short:
        return None
    parts = [f"{figure(n)} operations (at least {limits.w01_operations})"] if n < limits.w01_operations else []
    parts += [f"{figure(size)} on {name} (at least {limits.w01_list})" for name, size in short.items()]
    return notice("W01", f"Not enough records to estimate: {'; '.join(parts)}.", n=n, lists=short)


def zero_overlap(table: Table) -> Notice | None:
    """W03 with the pairs of lists that nobody is on together."""
    pairs = [
        (table.lists[i], table.lists[j])
        for i in range(table.k)
        for j in range(i + 1, table.k)
        if table.overlaps[i, j] == 0
    ]
    if not pairs:
        return None
    names = "; ".join(f"{one} and {other}" for one, other in pairs)
    return notice(
        "W03",
        f"Lists that never overlap: {names}. A model that allows for such a pair takes it that nobody can be on both.",
        pairs=[list(pair) for pair in pairs],
    )


def structural_zero(register: str, conditional: Sequence[str]) -> Notice | None:
    """W04 where the register was to be compared with lists of the unregistered alone."""
    if not conditional:
        return None
    return notice(
        "W04",
        f"On {spoken(conditional)} are only unregistered operations, by definition. That nobody there is in {register}"
        " tells nothing; such a list is used among the unregistered only.",
        register=register,
        lists=list(conditional),
    )


def of_table(table: Table, limits: Thresholds = DEFAULT) -> list[Notice]:
    """W01, W03 and what the shape of the table itself says."""
    if table.n == 0:
        return [notice("B01", "The table is empty: no operation is on any list, so there is nothing to estimate from.")]
    found: list[Notice | None] = []
    empty = [name for name, size in zip(table.lists, table.sizes, strict=True) if size == 0]
    used = [name for name in table.lists if name not in empty]
    if empty:
        found.append(notice("B05", f"Nobody is on {spoken(empty)}; it was left out.", lists=empty))
    core = table if not empty else table.only(used)
    if core.k == 1:
        found.append(one_list(core.lists[0], core.n))
        return [each for each in found if each is not None]
    found.append(too_few(core.n, dict(zip(core.lists, (int(size) for size in core.sizes), strict=True)), limits))
    found.append(zero_overlap(core))
    found.append(contained(core))
    cells = int((core.counts > 0).sum())
    if cells == 1:
        found.append(
            notice(
                "B04",
                f"All {figure(core.n)} operations have the same history over the lists; from one number nothing can be"
                " told about those whom no list has seen.",
                n=core.n,
            )
        )
    found.append(large_counts(core.counts.tolist(), limits))
    return [each for each in found if each is not None]


def one_list(name: str, n: int) -> Notice:
    """B02."""
    return notice(
        "B02",
        f"There is one list only, {name} with {figure(n)}. An estimate needs a second list, kept without regard to the"
        " first, or how often each operation was seen on the one.",
        list=name,
        n=n,
    )


def contained(table: Table) -> Notice | None:
    """B03 with the lists all of whose operations are on another list as well."""
    pairs = [
        (table.lists[i], table.lists[j])
        for i in range(table.k)
        for j in range(table.k)
        if i != j and 0 < table.sizes[i] == table.overlaps[i, j]
    ]
    if not pairs:
        return None
    words = "; ".join(f"everybody on {inner} is on {outer} too" for inner, outer in pairs)
    return notice(
        "B03",
        f"A list that another contains: {words}. It tells nothing about those whom the larger list misses, and the two"
        " were hardly kept apart.",
        pairs=[list(pair) for pair in pairs],
    )


def large_counts(counts: Iterable[int], limits: Thresholds = DEFAULT) -> Notice | None:
    """B06 where a count is so large that an interval holds chance but hardly what really is uncertain."""
    most = max(counts, default=0)
    if most < limits.b06_count:
        return None
    return notice(
        "B06",
        f"A count of {figure(most)}: the interval, which holds chance alone, is very narrow. Faults of the lists"
        " outweigh it by far.",
        count=most,
    )


def repeated_rows(rows: int) -> Notice | None:
    """B07 for a file in which so many rows repeat a history that came before."""
    if not rows:
        return None
    words = "One row repeats a history" if rows == 1 else f"{figure(rows)} rows repeat a history"
    return notice("B07", f"{words} that came before in the file; the counts were added up.", rows=rows)


def repeated_units(rows: int) -> Notice | None:
    """B08 for a file of units in which so many rows bear the id of an earlier one."""
    if not rows:
        return None
    words = "One row bears the id" if rows == 1 else f"{figure(rows)} rows bear the id"
    return notice(
        "B08", f"{words} of an earlier row; they were taken as one operation on the lists of both.", rows=rows
    )


def sizes_allotted(allotted: int) -> Notice | None:
    """B13 for so many unregistered whose size was told from others with the same history."""
    if not allotted:
        return None
    return notice(
        "B13",
        f"The size of {figure(allotted)} unregistered operations is unknown. They were allotted to the size classes as"
        " those on the same lists whose size is known; this takes unknown sizes to be like known ones.",
        allotted=allotted,
    )


def sizes_unknown(unsized: int, seen: int, limits: Thresholds = DEFAULT) -> Notice | None:
    """B14 where the size of a large part of the unregistered seen is unknown, and too few are known to allot them."""
    if unsized <= limits.b14_share * seen:
        return None
    return notice(
        "B14",
        f"The size of {figure(unsized)} of {figure(seen)} unregistered operations is unknown, and of too few it is"
        " known to tell how these are spread. Among them some are easier to find than others, so their number is a"
        " minimum, and the rate a maximum.",
        minimum=True,
        unsized=unsized,
        seen=seen,
    )


def lists_left_out(names: Sequence[str]) -> Notice | None:
    """B09 for lists that were not kept in this place, or not in this window."""
    if not names:
        return None
    return notice(
        "B09",
        f"{spoken(names)} did not see this place for the whole window; it was left out.",
        lists=list(names),
    )
