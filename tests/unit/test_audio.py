"""The measurement of tones: it hears the right one, and only that."""

import io
import math
import random
import wave

import pytest

from tests.calls import audio

ALL_TONES_HZ = audio.CALLER_TONES_HZ + audio.AGENT_TONES_HZ


def tone(frequency_hz: int, duration_s: float = 1.0, level: float = 0.25) -> audio.Sound:
    return audio.read(audio.tone_wav(frequency_hz, duration_s, level=level))


def mixed(*sounds: audio.Sound) -> audio.Sound:
    return audio.Sound(8000, tuple(sum(values) for values in zip(*(s.samples for s in sounds), strict=True)))


@pytest.mark.parametrize("frequency_hz", ALL_TONES_HZ)
def test_hears_a_tone_for_as_long_as_it_lasts(frequency_hz: int) -> None:
    assert audio.longest_tone_s(tone(frequency_hz, 2.0), frequency_hz) == pytest.approx(2.0)


@pytest.mark.parametrize("frequency_hz", ALL_TONES_HZ)
def test_does_not_take_one_party_for_another(frequency_hz: int) -> None:
    sound = tone(frequency_hz)
    assert all(audio.tone_s(sound, other) == 0 for other in ALL_TONES_HZ if other != frequency_hz)


@pytest.mark.parametrize("low_hz", [697, 770, 852, 941])
@pytest.mark.parametrize("high_hz", [1209, 1336, 1477, 1633])
def test_does_not_take_a_key_press_for_a_party(low_hz: int, high_hz: int) -> None:
    key = mixed(tone(low_hz), tone(high_hz))
    assert all(audio.tone_s(key, frequency_hz) == 0 for frequency_hz in ALL_TONES_HZ)


def test_does_not_hear_a_tone_in_noise_or_silence() -> None:
    noise = random.Random(8)  # noqa: S311 - noise, not a secret
    hiss = audio.Sound(8000, tuple(noise.uniform(-0.3, 0.3) for _ in range(8000)))
    silence = audio.Sound(8000, (0.0,) * 8000)
    for sound in (hiss, silence):
        assert all(audio.tone_s(sound, hz, audio.MIXED) == 0 for hz in ALL_TONES_HZ)
    assert audio.audible_s(silence) == 0
    assert audio.audible_s(hiss) == pytest.approx(1.0)


def test_hears_both_voices_of_a_mixed_recording() -> None:
    both = mixed(tone(1050), tone(550))
    assert audio.tone_s(both, 1050, audio.MIXED) == pytest.approx(1.0)
    assert audio.tone_s(both, 550, audio.MIXED) == pytest.approx(1.0)
    assert audio.tone_s(both, 1970, audio.MIXED) == 0


def test_one_lost_packet_does_not_silence_a_tone() -> None:
    samples = list(tone(1050, 1.0).samples)
    samples[4000:4160] = [0.0] * 160
    assert audio.tone_s(audio.Sound(8000, tuple(samples)), 1050) == pytest.approx(1.0)


def test_a_gap_ends_a_stretch() -> None:
    parts = tone(1050, 1.0).samples + (0.0,) * 1600 + tone(1050, 0.5).samples
    sound = audio.Sound(8000, parts)
    assert audio.longest_tone_s(sound, 1050) == pytest.approx(1.0)
    assert audio.tone_s(sound, 1050) == pytest.approx(1.5)


def test_rms_of_a_tone() -> None:
    assert audio.rms(tone(550, level=0.5).samples) == pytest.approx(0.5 / math.sqrt(2), abs=0.001)


def test_reads_a_file_whose_writer_was_stopped() -> None:
    whole = audio.tone_wav(550, 1.0)
    at = whole.index(b"data") + 4
    assert audio.read(whole[:at] + bytes(4) + whole[at + 4 :]).duration_s == pytest.approx(1.0)


def test_reads_two_channels_as_one() -> None:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x00\x40\x00\x00" * 100)
    sound = audio.read(out.getvalue())
    assert len(sound.samples) == 100
    assert sound.samples[0] == pytest.approx(0.25)


def test_refuses_what_is_no_wav_file() -> None:
    with pytest.raises(ValueError, match="no WAV file"):
        audio.read(b"age-encryption.org/v1")
