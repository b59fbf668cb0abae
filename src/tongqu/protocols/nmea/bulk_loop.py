"""The compiled loop of the bulk path: lines, checksums, parts, bits. Every step mirrors one of the slow path and names
the same reasons. Types are `Any` because numba infers its own."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from tongqu.protocols.nmea.assembler import REACH
from tongqu.protocols.nmea.bulk_tables import (
    CHARACTERS,
    COLUMN,
    END,
    FLOAT,
    INSIDE,
    INTEGER,
    MASK,
    NONE,
    PER,
    PLACE,
    SENTINEL,
    SHIFT,
    SIGN,
    SMALL,
    SYMBOL,
    TEXT,
    WORD,
    K,
)
from tongqu.protocols.nmea.wire import MOST_BITS, Reason

REASONS: Final = ["", *(str(reason) for reason in Reason)]
_SENTENCE, _TAG, _CHECKSUM, _FIELDS, _ORPHAN, _INCOMPLETE, _ARMOUR, _SHORT, _LONG, _TYPE = range(1, 11)
SLOTS: Final = 64
"""Messages that may be open at once; the oldest makes room."""
MOST_SYMBOLS: Final = MOST_BITS // 6
STRIDE: Final = 9 * 96
"""Letters kept of an open message."""
_NEWLINE, _RETURN, _STAR, _COMMA, _BANG, _BACKSLASH = 10, 13, 42, 44, 33, 92


@njit(cache=True, nogil=True)
def _words(symbols: Any, size: Any, words: Any) -> Any:
    """Words of 60 bits, each 30 bits behind the one before; see `bulk_tables.WORD`."""
    before = np.int64(0)
    count = size // 5 + 2
    for index in range(count):
        at = index * 5
        half = (
            np.int64(symbols[at]) << 24
            | np.int64(symbols[at + 1]) << 18
            | np.int64(symbols[at + 2]) << 12
            | np.int64(symbols[at + 3]) << 6
            | np.int64(symbols[at + 4])
        )
        if index:
            words[index - 1] = before << 30 | half
        before = half


@njit(cache=True, nogil=True)
def _text(symbols: Any, at: Any, shift: Any, count: Any, letters: Any, out: Any) -> Any:
    """Write text without its padding; the rest of the column's place is zero."""
    end = 0
    low = 6 - shift
    for index in range(count):
        pair = np.int64(symbols[at + index]) << 6 | np.int64(symbols[at + index + 1])
        code = pair >> low & 63
        if code == 0:
            break
        out[index] = letters[code]
        if code != 32:
            end = index + 1
    for place in range(end, len(out)):
        out[place] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def _row(
    symbols: Any, words: Any, count: Any, shape: Any, table: Any, row: Any, steps: Any, first: Any, last: Any,
    letters: Any, turns: Any, small: Any, integers: Any, floats: Any, texts: Any,
) -> Any:  # fmt: skip
    """Decode one message of `count` bits into row `row` of its table."""
    for index in range(first[shape, SMALL, 0], last[shape, SMALL, 0]):
        raw = words[steps[index, K]] >> steps[index, SHIFT] & steps[index, MASK]
        absent = steps[index, END] > count or raw == steps[index, SENTINEL]
        small[table, steps[index, COLUMN], row] = NONE if absent else raw
    for index in range(first[shape, SMALL, 1], last[shape, SMALL, 1]):
        small[table, steps[index, COLUMN], row] = NONE
    for index in range(first[shape, INTEGER, 0], last[shape, INTEGER, 0]):
        if steps[index, K] >= 0:
            raw = words[steps[index, K]] >> steps[index, SHIFT] & steps[index, MASK]
        else:
            at = max(count - steps[index, SHIFT], 0)
            raw = words[at // WORD] >> (60 - at % WORD - steps[index, SIGN]) & steps[index, MASK]
        absent = steps[index, END] > count or raw == steps[index, SENTINEL]
        integers[table, steps[index, COLUMN], row] = NONE if absent else raw
    for index in range(first[shape, INTEGER, 1], last[shape, INTEGER, 1]):
        integers[table, steps[index, COLUMN], row] = NONE
    for index in range(first[shape, FLOAT, 0], last[shape, FLOAT, 0]):
        raw = words[steps[index, K]] >> steps[index, SHIFT] & steps[index, MASK]
        sign = steps[index, SIGN]
        value = (raw ^ sign) - sign
        per = steps[index, PER]
        if steps[index, END] > count or value == steps[index, SENTINEL]:
            floats[table, steps[index, COLUMN], row] = np.nan
        elif per > 0:
            floats[table, steps[index, COLUMN], row] = value / per
        else:
            floats[table, steps[index, COLUMN], row] = turns[raw] if per < 0 else np.float64(value)
    for index in range(first[shape, FLOAT, 1], last[shape, FLOAT, 1]):
        floats[table, steps[index, COLUMN], row] = np.nan
    for index in range(first[shape, TEXT, 0], last[shape, TEXT, 1]):  # texts to fill stand behind those to read
        place, width = steps[index, PLACE], steps[index, CHARACTERS]
        have = (count - steps[index, SYMBOL] * 6 - steps[index, INSIDE]) // 6
        if index >= first[shape, TEXT, 1] or have < 0:
            have = 0
        _text(
            symbols, steps[index, SYMBOL], steps[index, INSIDE], min(have, width), letters,
            texts[table, row, place : place + width],
        )  # fmt: skip


@njit(cache=True, nogil=True)
def _data(words: Any, at: Any, count: Any, out: Any, used: Any) -> Any:
    """Write `count` bits from bit `at` on as bytes, the last one padded with zeros; where they end."""
    for start in range(at, at + count, 8):
        byte = words[start // WORD] >> (52 - start % WORD) & 255
        left = at + count - start
        out[used] = byte if left >= 8 else byte >> (8 - left) << (8 - left)
        used += 1
    return used


@njit(cache=True, nogil=True)
def _shape(words: Any, count: Any, first: Any, last: Any, conditions: Any) -> Any:
    """The first shape of a type whose conditions hold."""
    for shape in range(first, last - 1):
        holds = True
        for index in range(conditions.shape[1]):
            word, shift, mask = conditions[shape, index, 0], conditions[shape, index, 1], conditions[shape, index, 2]
            value = words[word] >> shift & mask if conditions[shape, index, 3] <= count else np.int64(0)
            holds &= conditions[shape, index, 4] <= value <= conditions[shape, index, 5]
        if holds:
            return shape
    return last - 1


@njit(cache=True, nogil=True, inline="always")
def _hex(byte: Any) -> Any:
    if 48 <= byte <= 57:
        return np.int64(byte) - 48
    if 65 <= byte <= 70:
        return np.int64(byte) - 55
    if 97 <= byte <= 102:
        return np.int64(byte) - 87
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _xor_until_star(data: Any) -> Any:
    """XOR of the bytes, and whether a star is among them. One loop for vector units."""
    check = np.uint8(0)
    star = False
    for at in range(len(data)):
        check ^= data[at]
        star |= data[at] == _STAR
    return check, star


@njit(cache=True, nogil=True)
def _checked(data: Any, start: Any, end: Any) -> Any:
    """Where the star of a sentence stands, or -1 if there is none or its checksum does not fit."""
    star = end - 3
    while star > start and data[star + 2] <= 32:
        star -= 1
    if star <= start or data[star] != _STAR:
        star = end  # something stands behind the checksum
    check, more = _xor_until_star(data[start + 1 : star])
    if more or star == end:
        star = start + 1
        while star < end and data[star] != _STAR:
            star += 1
        check, _ = _xor_until_star(data[start + 1 : star])
    if star + 2 >= end or (star + 3 < end and _hex(data[star + 3]) >= 0):
        return -1
    high, low = _hex(data[star + 1]), _hex(data[star + 2])
    return star if high >= 0 and low >= 0 and (high << 4 | low) == np.int64(check) else -1


@njit(cache=True, nogil=True)
def _dearmour(letters: Any, symbols: Any) -> Any:
    """Write the six bits of each letter; whether every letter has some. One loop for vector units."""
    bad = np.uint8(0)
    for at in range(len(letters)):
        letter = letters[at]
        value = letter - np.uint8(48)
        bad |= np.uint8(value > 71) | (np.uint8(value > 39) & np.uint8(value < 48))
        symbols[at] = value - np.uint8(8) if value > 39 else value
    return bad == 0


@njit(cache=True, nogil=True)
def _after_tag(data: Any, start: Any, end: Any) -> Any:
    """Where the sentence behind a TAG block begins (-1 if the block is broken), and its time in ms (0: none)."""
    close = start + 1
    while close < end and data[close] != _BACKSLASH:
        close += 1
    star = close - 3
    if close >= end or star <= start or data[star] != _STAR:
        return -1, np.int64(0)
    check = np.int64(0)
    for at in range(start + 1, star):
        check ^= np.int64(data[at])
    high, low = _hex(data[star + 1]), _hex(data[star + 2])
    if high < 0 or low < 0 or (high << 4 | low) != check:
        return -1, np.int64(0)
    time_ms = np.int64(0)
    at = start + 1
    while at < star:
        until = at
        while until < star and data[until] != _COMMA:
            until += 1
        if until - at > 2 and until - at <= 16 and data[at] == 99 and data[at + 1] == 58:
            number = np.int64(0)
            for digit in range(at + 2, until):
                if not 48 <= data[digit] <= 57:
                    number = np.int64(-1)
                    break
                number = number * 10 + np.int64(data[digit]) - 48
            time_ms = np.int64(0) if number < 0 else number if number >= 100_000_000_000 else number * 1000
        at = until + 1
    return close + 1, time_ms


@njit(cache=True, nogil=True)
def _split(data: Any, start: Any, star: Any) -> Any:
    """Fields of a VDM or VDO whose address begins behind `start`: total (0: they are wrong), number, sequence,
    channel, where the payload begins and ends, fill bits."""
    at = start + 7
    wrong = (np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(0))
    if at + 6 > star or data[at + 1] != _COMMA or data[at + 3] != _COMMA:
        return wrong
    total, number = np.int64(data[at]) - 48, np.int64(data[at + 2]) - 48
    if total < 1 or total > 9 or number < 1 or number > total:
        return wrong
    at += 4
    sequence = np.int64(0)
    if data[at] != _COMMA:
        sequence = np.int64(data[at])
        at += 1
    if at >= star or data[at] != _COMMA:
        return wrong
    at += 1
    channel = np.int64(0)
    if at < star and data[at] != _COMMA:
        channel = np.int64(data[at])
        at += 1
    if at >= star or data[at] != _COMMA:
        return wrong
    payload = at + 1
    end = star - 2
    if end < payload or data[end] != _COMMA:
        return wrong
    fill = np.int64(data[star - 1]) - 48
    if fill < 0 or fill > 5:
        return wrong
    return total, number, sequence, channel, np.int64(payload), np.int64(end), fill


@njit(cache=True, nogil=True, inline="always")
def _talks(byte: Any) -> Any:
    return 65 <= byte <= 90 or 48 <= byte <= 57 or byte == 45


@njit(cache=True, nogil=True)
def _is_ais(data: Any, at: Any, end: Any) -> Any:
    return (
        at + 6 <= end
        and data[at] == _BANG
        and _talks(data[at + 1])
        and _talks(data[at + 2])
        and data[at + 3] == 86
        and data[at + 4] == 68
        and (data[at + 5] == 77 or data[at + 5] == 79)
        and (at + 6 == end or data[at + 6] == _COMMA or data[at + 6] == _STAR)
    )


@njit(cache=True, nogil=True)
def _refuse(reject: Any, rejects: Any, chunk: Any, offset: Any, code: Any) -> Any:
    reject[rejects, 0], reject[rejects, 1], reject[rejects, 2] = chunk, offset, code
    return rejects + 1


@njit(cache=True, nogil=True)
def _slot(key: Any, state: Any, sequence: Any, channel: Any, total: Any, own: Any, sentences: Any) -> Any:
    """The open message that a part belongs to (-1), a free place (-1), the oldest place, one that is late (-1)."""
    found, free, oldest, late = -1, -1, 0, -1
    for slot in range(SLOTS):
        if state[slot, 0] == 0:
            free = slot if free < 0 else free
        elif sentences - state[slot, 2] > REACH:
            late = slot
        elif key[slot, 0] == sequence and key[slot, 1] == channel and key[slot, 2] == total and key[slot, 3] == own:
            found = slot
        if state[slot, 2] < state[oldest, 2]:
            oldest = slot
    return found, free, oldest, late


@njit(cache=True, nogil=True)
def run(
    data: Any, newlines: Any, starts: Any, ends: Any, at_chunk: Any, at_line: Any, sentences: Any, block: Any,
    letters: Any, turns: Any, steps: Any, first: Any, last: Any, of_type: Any, conditions: Any, group: Any,
    slot_key: Any, slot_state: Any, slot_letters: Any, small: Any, integers: Any, floats: Any, texts: Any,
    row_chunk: Any, row_offset: Any, row_time: Any, row_own: Any, row_data: Any, data_column: Any, rows: Any,
    blob: Any, reject: Any,
) -> Any:  # fmt: skip
    """Rows and rejects of up to `block` sentences, from a line of a chunk on; see `bulk` for the arrays.

    Returns:
        Chunk and line to go on with, sentences so far, number of rejects, bytes of application data.
    """
    symbols = np.zeros(STRIDE + 64, np.uint8)
    words = np.zeros(STRIDE // 5 + 4, np.int64)
    used, rejects = 0, 0
    most = sentences + block
    for chunk in range(at_chunk, len(starts)):
        line, chunk_end = max(starts[chunk], at_line if chunk == at_chunk else 0), ends[chunk]
        ending = np.searchsorted(newlines, line)
        while line < chunk_end:
            if sentences >= most or rejects >= block:
                return chunk, line, sentences, rejects, used
            end = newlines[ending] if ending < len(newlines) and newlines[ending] < chunk_end else chunk_end
            ending += 1
            offset = line
            at = line
            line = end + 1
            while at < end and data[at] <= 32:
                at += 1
            if at >= end:
                continue
            time_ms = np.int64(0)
            if data[at] == _BACKSLASH:
                at, time_ms = _after_tag(data, at, end)
                if at < 0:
                    rejects = _refuse(reject, rejects, chunk, offset, _TAG)
                    continue
            if not _is_ais(data, at, end):
                continue
            sentences += 1
            star = _checked(data, at, end)
            if star < 0:
                rejects = _refuse(reject, rejects, chunk, offset, _CHECKSUM)
                continue
            total, number, sequence, channel, begin, finish, fill = _split(data, at, star)
            if total == 0:
                rejects = _refuse(reject, rejects, chunk, offset, _FIELDS)
                continue
            own = data[at + 5] == 79
            size = finish - begin
            row_start = np.int64(chunk)
            if total == 1:
                source, first_byte = data, begin
            else:
                found, free, oldest, late = _slot(slot_key, slot_state, sequence, channel, total, own, sentences)
                while late >= 0:
                    rejects = _refuse(reject, rejects, slot_state[late, 4], slot_state[late, 3], _INCOMPLETE)
                    slot_state[late, 0] = 0
                    found, free, oldest, late = _slot(slot_key, slot_state, sequence, channel, total, own, sentences)
                if number == 1:
                    if found >= 0 or free < 0:
                        free = found if found >= 0 else oldest
                        rejects = _refuse(reject, rejects, slot_state[free, 4], slot_state[free, 3], _INCOMPLETE)
                    found = free
                    slot_key[found, 0], slot_key[found, 1], slot_key[found, 2] = sequence, channel, total
                    slot_key[found, 3] = own
                    slot_state[found, 0], slot_state[found, 1] = 0, 0
                    slot_state[found, 3], slot_state[found, 4], slot_state[found, 5] = offset, chunk, time_ms
                elif found < 0 or slot_state[found, 0] != number - 1:
                    rejects = _refuse(reject, rejects, chunk, offset, _ORPHAN)
                    continue
                have = slot_state[found, 1]
                for place in range(size):
                    if have + place < STRIDE:
                        slot_letters[found, have + place] = data[begin + place]
                slot_state[found, 0], slot_state[found, 1] = number, min(have + size, STRIDE)
                slot_state[found, 2] = sentences
                if number < total:
                    continue
                slot_state[found, 0] = 0
                size = slot_state[found, 1]
                offset, row_start, time_ms = slot_state[found, 3], slot_state[found, 4], slot_state[found, 5]
                source, first_byte = slot_letters[found], 0
            if size > MOST_SYMBOLS:
                rejects = _refuse(reject, rejects, row_start, offset, _LONG)
                continue
            armoured = source[first_byte : first_byte + size]
            if not _dearmour(armoured, symbols[:size]):
                code = _ARMOUR
                for letter in armoured:
                    if letter == _COMMA:
                        code = _FIELDS  # one comma too many
                rejects = _refuse(reject, rejects, row_start, offset, code)
                continue
            for place in range(size, size + 12):
                symbols[place] = 0
            count = size * 6 - fill
            if count < 38:
                rejects = _refuse(reject, rejects, row_start, offset, _SHORT)
                continue
            if fill > 0:
                symbols[size - 1] = symbols[size - 1] >> fill << fill
            kind = symbols[0]
            if of_type[kind, 1] == 0:
                rejects = _refuse(reject, rejects, row_start, offset, _TYPE)
                continue
            if count < of_type[kind, 2]:
                rejects = _refuse(reject, rejects, row_start, offset, _SHORT)
                continue
            _words(symbols, size, words)
            shape = _shape(words, count, of_type[kind, 0], of_type[kind, 1], conditions)
            table = group[shape, 0]
            row = rows[table]
            _row(
                symbols, words, count, shape, table, row, steps, first, last,
                letters, turns, small, integers, floats, texts,
            )  # fmt: skip
            if group[shape, 1] >= 0:
                length = max(count - group[shape, 1] - group[shape, 2], 0)
                integers[table, data_column, row] = length if count >= group[shape, 1] else NONE
                row_data[row] = used
                used = _data(words, group[shape, 1], length, blob, used)
            row_chunk[table, row] = row_start
            row_offset[table, row] = offset
            row_time[table, row] = time_ms
            row_own[table, row] = own
            rows[table] = row + 1
    return len(starts), 0, sentences, rejects, used
