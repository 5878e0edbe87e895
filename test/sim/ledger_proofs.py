"""Verifies Merkle proofs of a ledger from their bytes: RFC 9162, 2.1.3.2 and 2.1.4.2, as they stand there."""
import struct

import ledger_codec as codec

TRANSACTION, BLOCK, CONSISTENCY, RECORD = 1, 2, 3, 4


class Wrong(Exception):
    """The bytes prove nothing."""


def require(condition, what):
    if not condition:
        raise Wrong(what)


class Reader:
    def __init__(self, data):
        self.data = data

    def take(self, length):
        require(length <= len(self.data), "the proof is cut short")
        taken, self.data = self.data[:length], self.data[length:]
        return taken

    def byte(self):
        return self.take(1)[0]

    def number(self):
        return struct.unpack("<I", self.take(4))[0]

    def sealed_header(self):
        header = codec.decode_header(self.take(codec.HEADER_BYTES))
        return header, self.take(self.byte())

    def path(self):
        return [self.take(32) for _ in range(self.byte())]


def node(left, right):
    return codec.sha256(b"\1", left, right)


def root_of(leaf, index, size, path):
    require(index < size, "index past the end")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        require(sn != 0, "the path is too long")
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "the path is too short")
    return r


def check_consistency(first, second, path, first_hash, second_hash):
    require(0 < first < second and path, "sizes, or no path")
    if first & (first - 1) == 0:
        path = [first_hash, *path]
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        require(sn != 0, "the path is too long")
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0 and (fr, sr) == (first_hash, second_hash), "the path leads elsewhere")


def check_content(header, count, transactions_root, history_root):
    content = codec.sha256(b"\2", struct.pack("<I", count), transactions_root, history_root)
    require(header.content == content, "another content")


class Shown:
    """What a proof says: `older` and `later` are pairs (header, seal), the same for a transaction in its
    block; `transaction` and `position` are None where none is shown."""

    def __init__(self, data):
        reader = Reader(data)
        require(reader.byte() == 1, "version")
        self.kind = reader.byte()
        require(self.kind in (TRANSACTION, BLOCK, CONSISTENCY, RECORD), "type")
        self.older = self.later = reader.sealed_header()
        self.transaction = self.position = None
        if self.kind in (TRANSACTION, RECORD):
            self._read_transaction(reader)
        if self.kind != TRANSACTION:
            self._read_later(reader)
        require(not reader.data, "trailing bytes")

    def _read_transaction(self, reader):
        self.position, count, history_root = reader.number(), reader.number(), reader.take(32)
        path = reader.path()
        self.transaction, length = codec.decode_transaction(reader.data)
        root = root_of(codec.leaf_hash(reader.take(length)), self.position, count, path)
        check_content(self.older[0], count, root, history_root)

    def _read_later(self, reader):
        self.later = reader.sealed_header()
        count, transactions_root, path = reader.number(), reader.take(32), reader.path()
        header = self.older[0]
        leaf = codec.leaf_hash(codec.encode_header(header))
        history_root = root_of(leaf, header.height, self.later[0].height, path)
        check_content(self.later[0], count, transactions_root, history_root)
        if self.kind == CONSISTENCY:
            self._read_older_history(reader, history_root)

    def _read_older_history(self, reader, later_root):
        header = self.older[0]
        count, transactions_root, root = reader.number(), reader.take(32), reader.take(32)
        check_content(header, count, transactions_root, root)
        path = reader.path()
        if header.height == 0:
            require(not path and root == codec.sha256(), "genesis has no history")
        else:
            check_consistency(header.height, self.later[0].height, path, root, later_root)


def fault_of(data, kind, older, later, transaction=None, position=None):
    """What is wrong with a proof that is to show this, of a block that has this one and a later block;
    None where nothing is."""
    try:
        shown = Shown(data)
    except (Wrong, codec.Framing) as wrong:
        return str(wrong)
    wanted = (kind, (older.header, older.seal), (later.header, later.seal), transaction, position)
    found = (shown.kind, shown.older, shown.later, shown.transaction, shown.position)
    return None if found == wanted else "it shows something else"
