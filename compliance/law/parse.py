"""From the text of a pack's file to a `Pack`; what is wrong is told with line and sentence, all of it at once."""

import hashlib
from dataclasses import replace
from pathlib import Path

from compliance.law.checks import check
from compliance.law.nodes import Mapping, Trouble, root
from compliance.law.reading.acts import read_acts
from compliance.law.reading.books import read_books
from compliance.law.reading.claims import read_claims
from compliance.law.reading.context import Context
from compliance.law.reading.norms import read_norms
from compliance.law.reading.pack import read_head
from compliance.law.reading.registers import read_registers, read_territories
from compliance.law.reading.scenarios import read_scenarios
from compliance.law.reading.units import read_units
from compliance.law.schema import Pack, pack_refused


def pack_read(path: Path) -> Pack:
    """The pack of one file. Raises `PackRefused` with everything that is wrong with it."""
    return pack_parsed(path.name, path.read_bytes())


def pack_parsed(name: str, data: bytes) -> Pack:
    """The pack of the bytes of a file of that name. Raises `PackRefused` likewise."""
    trouble = Trouble(name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        trouble.add(data.count(b"\n", 0, error.start) + 1, "The file is not UTF-8 text.")
        raise pack_refused(trouble.problems) from error
    outermost = root(text, trouble)
    if outermost is None:
        raise pack_refused(trouble.problems)
    pack = replace(whole_pack(outermost, trouble), text=text, sha256=hashlib.sha256(data).hexdigest())
    if trouble.problems:
        raise pack_refused(trouble.problems)
    return pack


def whole_pack(file: Mapping, trouble: Trouble) -> Pack:
    """Reads every list of the file; the checks between items are made on what was sound in itself."""
    context = Context(file)
    context.read_pages(file)
    head = file.mapping("pack", "The pack")
    pack = read_head(head, context, trouble.file)
    has_code = head.sound
    pack = replace(
        pack,
        territories=tuple(read_territories(file, context)),
        registers=tuple(read_registers(file, context)),
        acts=tuple(read_acts(file, context)),
        norms=tuple(read_norms(file, context)),
        books=tuple(read_books(file, context)),
        claims=tuple(read_claims(file, context)),
        units=tuple(read_units(file, context)),
        scenarios=tuple(read_scenarios(file, context)),
    )
    file.tell_unknown_keys()
    if has_code:
        check(pack, trouble)
    return pack
