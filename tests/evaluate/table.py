"""The table of a set: what its columns are, how a figure is written, how it is printed.

A figure is a list: [value], [value, standard error], or [value, low, high].
"""

from typing import NamedTuple


class Column(NamedTuple):
    group: str
    heading: str
    better: str  # ↑ or ↓, or nothing where neither is.
    digits: int
    meaning: str


COPY, MOS, MEL, AISFX, PLAY, JOINS = (
    "copy beside its recording", "speech", "log-mel distribution", "aisfx distribution", "played notes", "joins")


def of_distribution(key, group, what):
    return {
        f"{key}_distance": Column(group, "distance", "↓", 0, f"kernel distance (KAD: unbiased MMD, times 1000) of windows"
                                  f" of 2.3 s to those of the held-out files, as {what}; 0 is the same, below 0 is chance"),
        f"{key}_coverage": Column(group, "coverage", "↑", 2, "share of held-out windows with a window of the line near"),
        f"{key}_density": Column(group, "density", "↑", 2, "held-out neighbourhoods that a window of the line lies in"),
        f"{key}_nearest": Column(group, "nearest window", "", 2, "distance to the nearest learned window, over that of held-out"
                                 " windows; 0 is a copy of the learning set"),
    }


COLUMNS = {
    "pesq": Column(COPY, "PESQ-WB", "↑", 2, "1 to 4.64; median over files"),
    "stoi": Column(COPY, "STOI", "↑", 3, "0 to 1; median"),
    "zimtohrli": Column(COPY, "Zimtohrli", "↑", 2, "1 to 5, identical; any sound; median"),
    "stft_db": Column(COPY, "log spectrum, dB", "↓", 2, "mean difference of log magnitudes; median"),
    "pitch_cents": Column(COPY, "pitch, cents", "↓", 1, "median difference of pitch, StoneMask from swift-f0"),
    "distillmos": Column(MOS, "DistillMOS", "↑", 2, "1 to 5, no reference; mean ± standard error"),
    "p808": Column(MOS, "P.808", "↑", 2, "DNSMOS P.808, 1 to 5, no reference; mean ± standard error"),
    "speaker": Column(MOS, "same speaker", "↑", 3, "Resemblyzer's similarity to the mean of the learning set; mean ±"
                      " standard error; short files score lower"),
    **of_distribution("mel", MEL, "means and spreads of 64 log-mel bands"),
    "nearest_frame": Column(MEL, "nearest frame", "", 2, "the same of single log-mel frames of 25 ms; a model that follows"
                            " real frames for a while is below 1 by intent"),
    **of_distribution("aisfx", AISFX, "aisfx embeds them"),
    "tuning_cents": Column(PLAY, "tuning, cents", "↓", 1, "median error of the notes by StoneMask from swift-f0"),
    "tuning_swift_cents": Column(PLAY, "by swift-f0", "↓", 1, "the same by swift-f0 alone, which is 2 to 10 cents off"),
    "no_pitch": Column(PLAY, "no pitch", "↓", 0, "share of the notes in which swift-f0 is sure of no pitch, %"),
    "attack_ms": Column(PLAY, "attack, ms", "", 0, "from the key, or the first sound, to 20 dB below the peak; median and"
                        " 10th to 90th percentile"),
    "join_rate": Column(JOINS, "a second", "", 2, "how often one recording is left for another"),
    "join_within": Column(JOINS, "not heard", "↑", 2, "share of joins (recordings and copies: of all moments) whose spectral"
                          " flux is within the recordings' 95th percentile"),
    "join_flux_db": Column(JOINS, "flux, dB", "↓", 2, "median flux there"),
}

RANGES = ("In brackets: 5th to 95th percentile of a bootstrap over files of both sides (floor: over random halves of the"
          " recordings).")


def columns_of(table):
    """The columns that have a figure, in their order."""
    return [key for key in COLUMNS if any(key in row for row in table.values())]


def text_of(key, figure):
    """A figure and, if there is one, its range."""
    digits = COLUMNS[key].digits
    value, *more = (f"{number:.{digits}f}".replace("-", "−") for number in figure)
    if len(more) == 1:
        return value, f"± {more[0]}"
    return value, f"({more[0]} to {more[1]})" if more else ""


def print_table(name, about, table):
    """One table a set, a block of lines for each group of columns, since all side by side are wider than a screen."""
    print(f"\n━━ {name}: {about}")
    label_width = max(map(len, table)) + 2
    columns = columns_of(table)
    for group in dict.fromkeys(COLUMNS[key].group for key in columns):
        keys = [key for key in columns if COLUMNS[key].group == group]
        texts = {key: {line: " ".join(text_of(key, row[key])).strip() for line, row in table.items() if key in row}
                 for key in keys}
        headings = {key: f"{COLUMNS[key].heading} {COLUMNS[key].better}".strip() for key in keys}
        widths = {key: max(map(len, [headings[key], *texts[key].values()])) + 3 for key in keys}
        print(f"\n{group:{label_width}}" + "".join(f"{headings[key]:>{widths[key]}}" for key in keys))
        for line in table:
            if any(line in texts[key] for key in keys):
                print(f"{line:{label_width}}" + "".join(f"{texts[key].get(line, ''):>{widths[key]}}" for key in keys))
    print(flush=True)
