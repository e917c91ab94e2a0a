"""Arrays on their way to PostgreSQL: numpy's bytes put into its binary form at once, not value by value.

A row of postings has a few bytes; a segment has millions of rows. What costs a microsecond a value would cost minutes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Connection, Cursor
from psycopg.adapt import Dumper
from psycopg.pq import Format

Array = npt.NDArray[Any]

_INT4, _INT8, _BYTEA = 23, 20, 17


class Numbers(bytes):
    """An int4[] in PostgreSQL's binary form."""


class Codes(bytes):
    """An int8[] in PostgreSQL's binary form."""


class Blobs(bytes):
    """A bytea[] in PostgreSQL's binary form."""


class _Packed(Dumper):
    format = Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        """Return the bytes as they are."""
        return obj


class _NumbersDumper(_Packed):
    oid = 1007


class _CodesDumper(_Packed):
    oid = 1016


class _BlobsDumper(_Packed):
    oid = 1001


def open_cursor(connection: Connection[Any]) -> Cursor[Any]:
    """Return a cursor that takes packed arrays and answers in binary."""
    cursor = connection.cursor(binary=True)
    for packed, dumper in ((Numbers, _NumbersDumper), (Codes, _CodesDumper), (Blobs, _BlobsDumper)):
        cursor.adapters.register_dumper(packed, dumper)
    return cursor


def _head(kind: int, count: int) -> bytes:
    return b"".join(n.to_bytes(4, "big") for n in ((1, 0, kind, count, 1) if count else (0, 0, kind)))


def numbers(values: Array) -> Numbers:
    """Pack numbers of 32 bits."""
    rows = np.empty(len(values), dtype=[("length", ">i4"), ("value", ">i4")])
    rows["length"], rows["value"] = 4, values
    return Numbers(_head(_INT4, len(values)) + rows.tobytes())


def codes(values: Array) -> Codes:
    """Pack codes of 64 bits; PostgreSQL knows no unsigned ones, so the upper half comes out negative."""
    rows = np.empty(len(values), dtype=[("length", ">i4"), ("value", ">i8")])
    rows["length"], rows["value"] = 8, np.asarray(values, dtype=np.uint64).view(np.int64)
    return Codes(_head(_INT8, len(values)) + rows.tobytes())


def blobs(data: Array, lengths: Array) -> Blobs:
    """Pack stretches of bytes that lie one behind the other."""
    packed = np.empty(len(data) + 4 * len(lengths), dtype=np.uint8)
    starts = np.cumsum(lengths, dtype=np.int64) - lengths + 4 * np.arange(len(lengths))
    heads = (starts[:, None] + np.arange(4)).ravel()
    is_data = np.ones(len(packed), dtype=bool)
    is_data[heads] = False
    packed[heads] = np.ascontiguousarray(lengths, dtype=">i4").view(np.uint8)
    packed[is_data] = data
    return Blobs(_head(_BYTEA, len(lengths)) + packed.tobytes())


def code_of(number: int) -> int:
    """Return a code that came back from PostgreSQL."""
    return number & 0xFFFF_FFFF_FFFF_FFFF
