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
LANES: Final = 512
"""Messages of one shape that wait to be decoded together, column by column."""
_STAR, _COMMA, _BANG, _BACKSLASH = 42, 44, 33, 92
_ONES, _HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_STARS, _ZEROS = np.uint64(_STAR * 0x0101010101010101), np.uint64(48 * 0x0101010101010101)


@njit(cache=True, nogil=True, _nrt=False)
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


@njit(cache=True, nogil=True, _nrt=False)
def _text(
    symbols: Any, at: Any, shift: Any, count: Any, letters: Any, texts: Any, table: Any, row: Any, place: Any,
    until: Any,
) -> Any:  # fmt: skip
    """Write text without its padding; the rest of the column's place is zero."""
    end = place
    low = 6 - shift
    for index in range(count):
        pair = np.int64(symbols[at + index]) << 6 | np.int64(symbols[at + index + 1])
        code = pair >> low & 63
        if code == 0:
            break
        texts[table, row, place + index] = letters[code]
        if code != 32:
            end = place + index + 1
    for blank in range(end, until):
        texts[table, row, blank] = 0


@njit(cache=True, nogil=True, _nrt=False)
def _texts(
    symbols: Any, count: Any, shape: Any, steps: Any, first: Any, last: Any, letters: Any, texts: Any,
    table: Any, row: Any,
) -> Any:  # fmt: skip
    """Write the texts of a message of `count` bits."""
    for index in range(first[shape, TEXT, 0], last[shape, TEXT, 1]):  # texts to fill stand behind those to read
        place, width = steps[index, PLACE], steps[index, CHARACTERS]
        have = (count - steps[index, SYMBOL] * 6 - steps[index, INSIDE]) // 6
        if index >= first[shape, TEXT, 1] or have < 0:
            have = 0
        _text(
            symbols, steps[index, SYMBOL], steps[index, INSIDE], min(have, width), letters,
            texts, table, row, place, place + width,
        )  # fmt: skip


@njit(cache=True, nogil=True, _nrt=False)
def _whole(words: Any, counts: Any, rows: Any, step: Any, out: Any) -> Any:
    """Write a column of integers of messages that wait."""
    shift, mask, end, sentinel = step[SHIFT], step[MASK], step[END], step[SENTINEL]
    if step[K] >= 0:
        line = words[step[K]]
        for index in range(len(rows)):
            raw = line[index] >> shift & mask
            out[rows[index]] = NONE if (counts[index] < end) | (raw == sentinel) else raw
        return
    for index in range(len(rows)):
        at = max(counts[index] - shift, 0)
        raw = words[at // WORD, index] >> (60 - at % WORD - step[SIGN]) & mask
        out[rows[index]] = NONE if counts[index] < end or raw == sentinel else raw


@njit(cache=True, nogil=True, _nrt=False, error_model="numpy")
def _scaled(words: Any, counts: Any, rows: Any, step: Any, turns: Any, out: Any) -> Any:
    """Write a column of decimal numbers of messages that wait."""
    line, shift, mask, end, sentinel, sign = (
        words[step[K]],
        step[SHIFT],
        step[MASK],
        step[END],
        step[SENTINEL],
        step[SIGN],
    )
    if step[PER] < 0:
        for index in range(len(rows)):
            raw = line[index] >> shift & mask
            value = (raw ^ sign) - sign
            out[rows[index]] = np.nan if (counts[index] < end) | (value == sentinel) else turns[raw]
        return
    per = np.float64(max(step[PER], 1))
    for index in range(len(rows)):
        value = ((line[index] >> shift & mask) ^ sign) - sign
        out[rows[index]] = np.nan if (counts[index] < end) | (value == sentinel) else value / per


@njit(cache=True, nogil=True, _nrt=False)
def _flush(
    words: Any, counts: Any, rows: Any, shape: Any, steps: Any, first: Any, last: Any, turns: Any,
    small: Any, integers: Any, floats: Any,
) -> Any:  # fmt: skip
    """Decode the numbers of the messages of a shape that wait, a column at a time."""
    for index in range(first[shape, SMALL, 0], last[shape, SMALL, 0]):
        _whole(words, counts, rows, steps[index], small[steps[index, COLUMN]])
    for index in range(first[shape, SMALL, 1], last[shape, SMALL, 1]):
        for row in rows:
            small[steps[index, COLUMN], row] = NONE
    for index in range(first[shape, INTEGER, 0], last[shape, INTEGER, 0]):
        _whole(words, counts, rows, steps[index], integers[steps[index, COLUMN]])
    for index in range(first[shape, INTEGER, 1], last[shape, INTEGER, 1]):
        for row in rows:
            integers[steps[index, COLUMN], row] = NONE
    for index in range(first[shape, FLOAT, 0], last[shape, FLOAT, 0]):
        _scaled(words, counts, rows, steps[index], turns, floats[steps[index, COLUMN]])
    for index in range(first[shape, FLOAT, 1], last[shape, FLOAT, 1]):
        for row in rows:
            floats[steps[index, COLUMN], row] = np.nan


@njit(cache=True, nogil=True, _nrt=False)
def _data(words: Any, at: Any, count: Any, out: Any, used: Any) -> Any:
    """Write `count` bits from bit `at` on as bytes, the last one padded with zeros; where they end."""
    for start in range(at, at + count, 8):
        byte = words[start // WORD] >> (52 - start % WORD) & 255
        left = at + count - start
        out[used] = byte if left >= 8 else byte >> (8 - left) << (8 - left)
        used += 1
    return used


@njit(cache=True, nogil=True, _nrt=False)
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


@njit(cache=True, nogil=True, _nrt=False, inline="always")
def _hex(byte: Any) -> Any:
    if 48 <= byte <= 57:
        return np.int64(byte) - 48
    if 65 <= byte <= 70:
        return np.int64(byte) - 55
    if 97 <= byte <= 102:
        return np.int64(byte) - 87
    return np.int64(-1)


@njit(cache=True, nogil=True, _nrt=False, inline="always")
def _eight(eights: Any, at: Any) -> Any:
    """Eight bytes from any place on, the first one lowest; `eights` must reach 16 bytes behind it."""
    word, inside = at >> 3, np.uint64((at & 7) << 3)
    low = eights[word] >> inside
    return low | eights[word + 1] << (np.uint64(64) - inside) if inside else low


@njit(cache=True, nogil=True, _nrt=False)
def _xor_until_star(data: Any, eights: Any, start: Any, end: Any) -> Any:
    """XOR of the bytes, and whether a star is among them."""
    total, stars = np.uint64(0), np.uint64(0)
    at, reach = start, len(eights) * 8 - 16
    while at < end and at <= reach:
        value = _eight(eights, at)
        if end - at < 8:
            value &= (np.uint64(1) << np.uint64((end - at) * 8)) - np.uint64(1)
        total ^= value
        value ^= _STARS
        stars |= (value - _ONES) & ~value & _HIGH
        at += 8
    total ^= total >> np.uint64(32)
    total ^= total >> np.uint64(16)
    total ^= total >> np.uint64(8)
    check, star = np.uint8(total & np.uint64(255)), stars != 0
    for rest in range(at, end):
        check ^= data[rest]
        star |= data[rest] == _STAR
    return check, star


@njit(cache=True, nogil=True, _nrt=False)
def _checked(data: Any, eights: Any, start: Any, end: Any) -> Any:
    """Where the star of a sentence stands, or -1 if there is none or its checksum does not fit."""
    star = end - 3
    while star > start and data[star + 2] <= 32:
        star -= 1
    if star <= start or data[star] != _STAR:
        star = end  # something stands behind the checksum
    check, more = _xor_until_star(data, eights, start + 1, star)
    if more or star == end:
        star = start + 1
        while star < end and data[star] != _STAR:
            star += 1
        check, _ = _xor_until_star(data, eights, start + 1, star)
    if star + 2 >= end or (star + 3 < end and _hex(data[star + 3]) >= 0):
        return -1
    high, low = _hex(data[star + 1]), _hex(data[star + 2])
    return star if high >= 0 and low >= 0 and (high << 4 | low) == np.int64(check) else -1


@njit(cache=True, nogil=True, _nrt=False)
def _dearmour(data: Any, eights: Any, start: Any, size: Any, symbols: Any) -> Any:
    """Write the six bits of `size` letters, eight in a word, and zeros behind; whether every letter has some."""
    bad = np.uint64(0)
    reach = len(eights) * 8 - 16
    for at in range(0, size, 8):
        if start + at <= reach:
            value = _eight(eights, start + at)
        else:
            value = np.uint64(0)
            for index in range(min(size - at, 8)):
                value |= np.uint64(data[start + at + index]) << np.uint64(index * 8)
        if size - at < 8:
            kept = (np.uint64(1) << np.uint64((size - at) * 8)) - np.uint64(1)
            value = value & kept | _ZEROS & ~kept
        # with the high bits clear no sum of a byte carries into the next; a sum of 128 or more says "at least"
        bad |= value
        value &= ~_HIGH
        upper = value + _ONES * np.uint64(128 - 96)
        bad |= ~(value + _ONES * np.uint64(128 - 48)) | (value + _ONES * np.uint64(128 - 120))
        bad |= (value + _ONES * np.uint64(128 - 88)) & ~upper
        symbols[at >> 3] = value - _ZEROS - ((upper & _HIGH) >> np.uint64(4))
    behind = (size + 7) >> 3
    symbols[behind] = symbols[behind + 1] = 0
    return bad & _HIGH == 0


@njit(cache=True, nogil=True, _nrt=False)
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


@njit(cache=True, nogil=True, _nrt=False)
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


@njit(cache=True, nogil=True, _nrt=False, inline="always")
def _talks(byte: Any) -> Any:
    return 65 <= byte <= 90 or 48 <= byte <= 57 or byte == 45


@njit(cache=True, nogil=True, _nrt=False)
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


@njit(cache=True, nogil=True, _nrt=False)
def _refuse(reject: Any, rejects: Any, chunk: Any, offset: Any, code: Any) -> Any:
    reject[rejects, 0], reject[rejects, 1], reject[rejects, 2] = chunk, offset, code
    return rejects + 1


@njit(cache=True, nogil=True, _nrt=False)
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


@njit(cache=True, nogil=True, _nrt=False)
def run(
    data: Any, eights: Any, newlines: Any, starts: Any, ends: Any, at_chunk: Any, at_line: Any, sentences: Any,
    block: Any, letters: Any, turns: Any, steps: Any, first: Any, last: Any, of_type: Any, conditions: Any, group: Any,
    slot_key: Any, slot_state: Any, small: Any, integers: Any, floats: Any, texts: Any,
    row_chunk: Any, row_offset: Any, row_time: Any, row_own: Any, row_data: Any, data_column: Any, rows: Any,
    blob: Any, reject: Any, waiting: Any, wait_words: Any, wait_counts: Any, wait_rows: Any,
    symbols: Any, symbol_eights: Any, words: Any, kept: Any, kept_eights: Any,
) -> Any:  # fmt: skip
    """Rows and rejects of up to `block` sentences, from a line of a chunk on; see `bulk` for the arrays.

    Returns:
        Chunk and line to go on with, sentences so far, number of rejects, bytes of application data.
    """
    used, rejects = 0, 0
    most = sentences + block
    for chunk in range(at_chunk, len(starts)):
        line, chunk_end = max(starts[chunk], at_line if chunk == at_chunk else 0), ends[chunk]
        ending, above = 0, len(newlines)
        while ending < above:
            middle = (ending + above) >> 1
            if newlines[middle] < line:
                ending = middle + 1
            else:
                above = middle
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
            star = _checked(data, eights, at, end)
            if star < 0:
                rejects = _refuse(reject, rejects, chunk, offset, _CHECKSUM)
                continue
            total, number, sequence, channel, begin, finish, fill = _split(data, at, star)
            if total > 1:
                for place in range(begin, finish):
                    if data[place] == _COMMA:  # one comma too many; that of a single sentence is found below
                        total = 0
            if total == 0:
                rejects = _refuse(reject, rejects, chunk, offset, _FIELDS)
                continue
            own = data[at + 5] == 79
            size = finish - begin
            row_start = np.int64(chunk)
            if total == 1:
                sound = _dearmour(data, eights, begin, size, symbol_eights) if size <= MOST_SYMBOLS else True
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
                        kept[found * STRIDE + have + place] = data[begin + place]
                slot_state[found, 0], slot_state[found, 1] = number, min(have + size, STRIDE)
                slot_state[found, 2] = sentences
                if number < total:
                    continue
                slot_state[found, 0] = 0
                size = slot_state[found, 1]
                offset, row_start, time_ms = slot_state[found, 3], slot_state[found, 4], slot_state[found, 5]
                begin = found * STRIDE
                sound = _dearmour(kept, kept_eights, begin, size, symbol_eights) if size <= MOST_SYMBOLS else True
            if size > MOST_SYMBOLS:
                rejects = _refuse(reject, rejects, row_start, offset, _LONG)
                continue
            if not sound:
                code = _ARMOUR
                for place in range(begin, begin + size):
                    if total == 1 and data[place] == _COMMA:
                        code = _FIELDS
                rejects = _refuse(reject, rejects, row_start, offset, code)
                continue
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
            _texts(symbols, count, shape, steps, first, last, letters, texts, table, row)
            waits = waiting[shape]
            wait_rows[shape, waits], wait_counts[shape, waits] = row, count
            for place in range(size // 5 + 1):
                wait_words[shape, place, waits] = words[place]
            waiting[shape] = waits + 1
            if waits + 1 == LANES:
                _flush(
                    wait_words[shape], wait_counts[shape, :LANES], wait_rows[shape, :LANES], shape, steps, first, last,
                    turns, small[table], integers[table], floats[table],
                )  # fmt: skip
                waiting[shape] = 0
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


@njit(cache=True, nogil=True, _nrt=False)
def rest(
    steps: Any, first: Any, last: Any, group: Any, turns: Any, small: Any, integers: Any, floats: Any,
    waiting: Any, wait_words: Any, wait_counts: Any, wait_rows: Any,
) -> Any:  # fmt: skip
    """Decode what still waits."""
    for shape in range(len(waiting)):
        count, table = waiting[shape], group[shape, 0]
        _flush(
            wait_words[shape], wait_counts[shape, :count], wait_rows[shape, :count], shape, steps, first, last, turns,
            small[table], integers[table], floats[table],
        )  # fmt: skip
        waiting[shape] = 0
