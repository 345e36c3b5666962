"""The headline in words that anybody understands."""

from compliance.estimates.results import Interval

Rate = float | None


def in_100(rate: float) -> str:
    """A rate as people say it: 30; below 1 and above 99 with a decimal, so that few are not said to be none."""
    value = 100 * rate
    if 0 < value < 0.95 or 99.05 < value < 100:
        return f"{value:.1f}" if 0.05 <= value <= 99.95 else ("less than 0.1" if value < 1 else "more than 99.9")
    return f"{value:.0f}"


def point(rate: float, interval: Interval) -> str:
    """“30 in 100; plausible range 24 to 38”."""
    return f"{in_100(rate)} in 100; plausible range {in_100(interval.low)} to {in_100(interval.high)}"


def between(interval: Interval, reason: str) -> str:
    return f"Between {in_100(interval.low)} and {in_100(interval.high)} in 100; no single figure, because {reason}"


def at_most(rate: float, reason: str) -> str:
    return f"At most {in_100(rate)} in 100; no closer figure, because {reason}"


def minimum(rate: float) -> str:
    """Where the unregistered are a minimum."""
    return (
        f"At most {in_100(rate)} in 100; some operations are much easier to find than others, so more are unseen than"
        " the lists tell."
    )


def unknown(reason: str) -> str:
    return f"Cannot be told: {reason}"
