"""Files: operations drawn one by one and written as the intake reads them; nothing is held in memory."""

import csv
import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from registry.choices import MinerKind, SightingKind
from registry.sample import shares
from registry.sample.lists import Lists, address_of, name_of
from registry.sample.operations import DAY, Operation, Places, Population, Weighted
from registry.sample.truth import Truth

HEADERS = {
    "miners": "name,kind,territory,country,identifiers,operating_from,operating_until,note",
    "sites": "miner,name,territory,address,metering_point,capacity_kw,off_grid,from,until",
    "devices": "metering_point,maker,model,quantity,from,until",
    "registrations": "miner,register,number,status,applied_on,from,until,reason",
    "sightings": (
        "kind,list,source,reference,seen_on,territory,miner,name,address,metering_point,power_kw,device_count,note"
    ),
    "readings": "metering_point,month,energy_kwh",
    "declarations": "miner,month,currency,amount,declared_on",
}
NOTE = "synthetic sample"
SOURCES = {
    SightingKind.GRID_ANOMALY: "Synthetic grid operator (sample)",
    SightingKind.NETWORK_TRAFFIC: "Synthetic network provider (sample)",
    SightingKind.POOL: "Synthetic pool (sample)",
    SightingKind.COMPLAINT: "Synthetic hotline (sample)",
    SightingKind.OTHER_REGISTER: "Synthetic customs list (sample)",
    SightingKind.SEIZURE: "Synthetic police report (sample)",
    SightingKind.AUDIT: "Synthetic audit (sample)",
}
HOURS_A_MONTH = 730.0
STEP = 1000
# Samples of different seeds lie beside each other: each seed numbers its miners in a range of its own.
RANGE = 1_000_000
RANGES = 9
# Operations on no file are numbered beyond all miners, so that their names and addresses are their own.
HIDDEN_NUMBERS = 10_000_000

DeviceModelPower = tuple[str, str, float]


def first_number(seed: int, miners: int) -> int:
    """The number before that of the sample's first miner; one of more than a million takes all ranges."""
    return seed % RANGES * RANGE if miners <= RANGE else 0


def month_before(month: dt.date, count: int) -> dt.date:
    months = month.year * 12 + month.month - 1 - count
    return dt.date(months // 12, months % 12 + 1, 1)


def sample_write(
    *,
    folder: Path,
    miners: int,
    seed: int,
    as_of: dt.date,
    places: Places,
    models: Sequence[DeviceModelPower],
    progress: Callable[[int], object],
) -> tuple[dict[str, Path], Truth]:
    """Writes one CSV file per noun; the same arguments give the same bytes.

    Gives the files by noun, and what is true of the operations drawn.
    """
    paths = {noun: folder / f"{noun}.csv" for noun in HEADERS}
    chance = Random(seed)
    with ExitStack() as stack:
        writers = {}
        for noun, path in paths.items():
            file = stack.enter_context(path.open("w", encoding="utf-8", newline="", buffering=1 << 20))
            writers[noun] = csv.writer(file, lineterminator="\n")
            writers[noun].writerow(HEADERS[noun].split(","))
        pen = _Pen(writers, seed, Population(chance, places, as_of), models)
        first = first_number(seed, miners)
        for done in range(1, miners + 1):
            pen.operation(first + done)
            if done % STEP == 0:
                progress(done)
        progress(miners)
    return paths, pen.truth


class _Pen:
    """Writes the rows of one operation into all files."""

    def __init__(
        self,
        writers: dict[str, Any],
        seed: int,
        population: Population,
        models: Sequence[DeviceModelPower],
    ) -> None:
        self.miners, self.sites, self.devices, self.registrations, self.sightings, self.readings, self.declarations = (
            writers[noun].writerow for noun in HEADERS
        )
        self.seed = seed
        self.random = population.chance.random
        self.population = population
        self.as_of = population.as_of
        self.models = models
        self.kinds_of_sign = Weighted({str(kind): weight for kind, weight in shares.SIGHTINGS.items()})
        self.currencies = Weighted(shares.CURRENCIES)
        self.this_month = self.as_of.replace(day=1)
        self.signs = 0
        self.truth = Truth(population.as_of)
        self.lists = Lists(seed, population.as_of)

    def operation(self, number: int) -> None:
        operation = self.population.operation(number)
        name = f"Synthetic miner {name_of(number)} {number:07d} (sample)"
        self.miners(
            (
                name,
                operation.kind,
                operation.territory,
                operation.country,
                " ".join(operation.identifiers),
                operation.starts,
                operation.ends,
                NOTE,
            )
        )
        key = operation.identifiers[0]
        point = f"SAMPLE-MP-{number:08d}" if operation.has_site else ""
        if operation.has_site:
            self._site(operation, key, point)
        if operation.entry is not None:
            self._registration(operation, key)
        if self.random() < shares.SEEN:
            self._sightings(operation, key, point)
        if self.random() < shares.SEEN_NOBODY:
            self._sighting_of_nobody()
        self.truth.add(operation)
        self._listed(operation, key, point)
        if self.random() < shares.HIDDEN:
            hidden = self.population.hidden(HIDDEN_NUMBERS + number)
            self.truth.add(hidden)
            self._listed(hidden, "", f"SAMPLE-HP-{number:08d}")
        if operation.entry is not None and operation.entry.starts and operation.kind != MinerKind.OPERATOR:
            self._declarations(operation, key)

    def _site(self, operation: Operation, key: str, point: str) -> None:
        chance = self.random()
        off_grid = "yes" if chance < shares.OFF_GRID else ""
        if not off_grid and chance >= shares.OFF_GRID + shares.OFF_GRID_UNKNOWN:
            off_grid = "no"
        self.sites(
            (
                key,
                "Hall 1 (sample)",
                operation.territory,
                f"{address_of(operation.number)} (sample)",
                point,
                f"{max(operation.capacity_kw, 0.5):.1f}",
                off_grid,
                operation.starts,
                operation.ends,
            )
        )
        if self.random() < shares.METERED / 0.45:
            self._readings(operation, point)
        if self.models and self.random() < shares.WITH_DEVICES:
            maker, model, power_kw = self.models[int(self.random() * len(self.models))]
            quantity = max(1, round(operation.capacity_kw * 0.9 / power_kw))
            self.devices((point, maker, model, quantity, operation.starts, operation.ends))

    def _readings(self, operation: Operation, point: str) -> None:
        load = 0.45 + 0.5 * self.random()
        for back in range(shares.METERED_MONTHS, 0, -1):
            month = month_before(self.this_month, back)
            if month < operation.starts or (operation.ends and month >= operation.ends):
                continue
            energy = operation.capacity_kw * HOURS_A_MONTH * load * (0.9 + 0.2 * self.random())
            self.readings((point, f"{month:%Y-%m}", f"{energy:.1f}"))

    def _registration(self, operation: Operation, key: str) -> None:
        entry = operation.entry
        if entry is None:
            return
        number = f"SAMPLE-{operation.number:08d}" if entry.starts else ""
        self.registrations(
            (key, entry.register, number, entry.status, entry.applied_on, entry.starts, entry.ends, entry.reason)
        )

    def _sightings(self, operation: Operation, key: str, point: str) -> None:
        signs = 1 + (self.random() < 0.3) + (self.random() < 0.1)
        for _ in range(signs):
            kind = self.kinds_of_sign.draw(self.random())
            first = max(operation.starts, dt.date(2024, 1, 1))
            seen_on = first + int(self.random() * max((((operation.ends or self.as_of) - first).days), 1)) * DAY
            metered = point if kind == SightingKind.GRID_ANOMALY else ""
            self._sign(kind, min(seen_on, self.as_of), operation.territory, key, metered, operation.capacity_kw)

    def _sighting_of_nobody(self) -> None:
        kind = self.kinds_of_sign.draw(self.random())
        _, territory = self.population.place()
        seen_on = self.as_of - int(self.random() * 690) * DAY
        self._sign(kind, seen_on, territory, "", "", 5.0 + 120.0 * self.random() ** 3)

    def _listed(self, operation: Operation, key: str, point: str) -> None:
        """What the lists of the last months report of the operation."""
        for sign in self.lists.signs(operation):
            name, address = self.lists.told(operation) if sign.by == "words" or operation.hidden else ("", "")
            who = (key if sign.by == "miner" else "", name, address, point if sign.by == "meter" else "")
            self._write(sign.kind, sign.list, sign.seen_on, operation.territory, who, self.lists.power(operation))

    def _sign(self, kind: str, seen_on: dt.date, territory: str, key: str, point: str, power_kw: float) -> None:
        self._write(kind, "", seen_on, territory, (key, "", "", point), power_kw)

    def _write(
        self, kind: str, code: str, seen_on: dt.date, territory: str, who: tuple[str, str, str, str], power_kw: float
    ) -> None:
        self.signs += 1
        power = f"{max(power_kw, 0.5):.1f}" if kind in (SightingKind.GRID_ANOMALY, SightingKind.SEIZURE) else ""
        count = max(1, round(power_kw / 3.5)) if kind == SightingKind.SEIZURE else ""
        reference = f"SAMPLE-{self.seed}-{self.signs:08d}"
        self.sightings(
            (kind, code, SOURCES[SightingKind(kind)], reference, seen_on, territory, *who, power, count, NOTE)
        )

    def _declarations(self, operation: Operation, key: str) -> None:
        entry = operation.entry
        if entry is None or entry.starts is None:
            return
        diligent = self.random() < shares.DILIGENT
        currency = self.currencies.draw(self.random())
        amount = operation.capacity_kw * shares.YIELD_PER_KW[currency]
        last = min(self.this_month, (entry.ends or self.this_month))
        month = entry.starts.replace(day=1)
        while month < last:
            following = month_before(month, -1)
            chance = self.random()
            if diligent or chance > shares.LATE_MONTH + shares.MISSED_MONTH:
                declared = following + int(self.random() * 19) * DAY
            elif chance > shares.MISSED_MONTH:
                declared = following + int(21 + self.random() * 50) * DAY
            else:
                declared = None
            if declared is not None and declared <= self.as_of:
                mined = amount * (0.8 + 0.4 * self.random())
                self.declarations((key, f"{month:%Y-%m}", currency, f"{mined:.8f}", declared))
            month = following
