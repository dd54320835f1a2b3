"""Tones that tell parties apart, and the measurement of which tone a recording holds.

Every party of a test call plays a tone of its own. Who heard whom is then a question of frequency, which no
loop, echo or music on hold can answer by accident.
"""

from __future__ import annotations

import array
import io
import math
import sys
import wave
from collections.abc import Sequence
from dataclasses import dataclass

# Tones that are neither DTMF (697-1633 Hz), nor call progress (400-480 Hz), nor harmonics of each other.
CALLER_TONES_HZ = (1050, 1970, 1150)
AGENT_TONES_HZ = (550, 2330)

WINDOW_S = 0.1
# A window counts as a tone when this share of its energy lies at the frequency: one of five packets may be lost or
# late on a busy computer, while speech and music come nowhere near.
PURE = 0.5
# In a mixed recording two tones share the energy.
MIXED = 0.15
# Root mean square of full scale under which a window is silence (-46 dB; a test tone is at -12 dB).
SILENCE = 0.005


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel of audio: `samples` from -1 to 1 at `rate_hz`."""

    rate_hz: int
    samples: tuple[float, ...]

    @property
    def duration_s(self) -> float:
        """Length."""
        return len(self.samples) / self.rate_hz

    def between(self, first_s: float, last_s: float) -> Sound:
        """The part from `first_s` to `last_s`."""
        first, last = (max(0, round(at * self.rate_hz)) for at in (first_s, last_s))
        return Sound(self.rate_hz, self.samples[first:last])


def read(data: bytes, last_s: float | None = None) -> Sound:
    """The sound of a 16-bit WAV file, up to `last_s`; several channels are averaged. Raises ValueError."""
    rate, channels, body = _parts(data)
    if last_s is not None:
        body = body[: round(last_s * rate) * 2 * channels]
    values = array.array("h", body)
    if sys.byteorder == "big":
        values.byteswap()
    if channels == 1:
        return Sound(rate, tuple(value / 32768 for value in values))
    frames = range(0, len(values), channels)
    return Sound(rate, tuple(sum(values[i : i + channels]) / channels / 32768 for i in frames))


def duration_s(data: bytes) -> float:
    """The length of a 16-bit WAV file. Raises ValueError."""
    rate, channels, body = _parts(data)
    return len(body) / (2 * channels * rate)


def _parts(data: bytes) -> tuple[int, int, bytes]:
    """Rate, channels and whole frames of a 16-bit WAV file.

    The length in the header is not believed: a phone that was stopped hard leaves it at 0.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError(f"no WAV file: it begins with {data[:12]!r}")
    at = 12
    channels = rate = bits = size = 0
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"fmt ":
            channels = int.from_bytes(data[at + 10 : at + 12], "little")
            rate = int.from_bytes(data[at + 12 : at + 16], "little")
            bits = int.from_bytes(data[at + 22 : at + 24], "little")
        if name == b"data":
            break
        at += 8 + size + size % 2
    if bits != 16 or not rate or not channels:
        raise ValueError(f"{bits} bits, {rate} Hz, {channels} channels: only 16-bit WAV is understood")
    body = data[at + 8 :]
    if 0 < size < len(body):
        body = body[:size]
    return rate, channels, body[: len(body) // (2 * channels) * 2 * channels]


def tone_wav(frequency_hz: int, duration_s: float, rate_hz: int = 8000, level: float = 0.25) -> bytes:
    """A WAV file with one tone."""
    count = round(duration_s * rate_hz)
    step = 2 * math.pi * frequency_hz / rate_hz
    samples = array.array("h", (round(32767 * level * math.sin(step * i)) for i in range(count)))
    if sys.byteorder == "big":
        samples.byteswap()
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def rms(samples: Sequence[float]) -> float:
    """Root mean square: 0 is silence, 0.707 a full-scale tone."""
    return math.sqrt(math.fsum(x * x for x in samples) / len(samples)) if samples else 0.0


def share(samples: Sequence[float], rate_hz: int, frequency_hz: float) -> float:
    """The share of the energy that lies at a frequency, 0 to 1 (Goertzel); 0 for silence."""
    energy = math.fsum(x * x for x in samples)
    if rms(samples) < SILENCE:
        return 0.0
    factor = 2 * math.cos(2 * math.pi * frequency_hz / rate_hz)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    power = before * before + last * last - factor * before * last
    return min(1.0, 2 * power / (len(samples) * energy))


def windows(sound: Sound) -> list[tuple[float, ...]]:
    """The sound in pieces of WINDOW_S; a last shorter piece is left out."""
    size = round(WINDOW_S * sound.rate_hz)
    return [sound.samples[i : i + size] for i in range(0, len(sound.samples) - size + 1, size)]


def tone_s(sound: Sound, frequency_hz: int, least: float = PURE) -> float:
    """Seconds, all in all, in which the tone is heard."""
    return sum(WINDOW_S for part in windows(sound) if share(part, sound.rate_hz, frequency_hz) >= least)


def longest_tone_s(sound: Sound, frequency_hz: int, least: float = PURE) -> float:
    """Length of the longest stretch in which the tone is heard without a gap."""
    longest = current = 0
    for part in windows(sound):
        current = current + 1 if share(part, sound.rate_hz, frequency_hz) >= least else 0
        longest = max(longest, current)
    return longest * WINDOW_S


def audible_s(sound: Sound) -> float:
    """Seconds, all in all, that are not silence."""
    return sum(WINDOW_S for part in windows(sound) if rms(part) >= SILENCE)
