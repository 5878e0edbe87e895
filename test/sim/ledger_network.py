"""The parameters of a ledger: reading them strictly, their canonical form, genesis, network id."""
import json
import re

import ledger_codec as codec
from ledger_ed25519 import good_key

MOST = (1 << 63) - 1
DOCUMENT_BYTES = 1 << 24
LIMIT_OF_LIMITS = 0x2100FFFF


class Refused(Exception):
    """The document describes no network."""


def require(condition, what):
    if not condition:
        raise Refused(what)


def _members(pairs):
    members = dict(pairs)
    require(len(members) == len(pairs), "a member is repeated")
    return members


def _no_such_number(text):
    raise Refused(f"{text} is no integer")


def _read(text):
    require(len(text) <= DOCUMENT_BYTES, "the document is too long")
    try:
        value = json.loads(text.decode(), object_pairs_hook=_members, parse_float=_no_such_number,
                           parse_constant=_no_such_number)
    except ValueError as problem:
        raise Refused(str(problem)) from problem
    require(isinstance(value, dict), "no object")
    return value


def _integer(value, low, high, what):
    require(type(value) is int and low <= value <= high, f"{what} is not in {low}..{high}")


def _name(value, least, what):
    require(isinstance(value, str) and re.fullmatch(r'[ !#-\[\]-~]{%d,64}' % least, value), what)


def _key(value, what):
    require(isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value), what)
    return bytes.fromhex(value)


def _compact(value, what):
    _integer(value, 1, LIMIT_OF_LIMITS, what)
    target, fault = codec.expand(value)
    require(fault is None and codec.compact(target) == value, f"{what} is not canonical")
    return target


class Network:
    """Every member of the document is an attribute of `members`; what is used often is one here."""

    def __init__(self, document):
        m = self.members = dict(_read(document))
        self._fill_in()
        self._check_common()
        if m["sealing"] == "work":
            self._check_work()
        else:
            self._check_authority()
        self.supply_most = (sum(amount for _, amount in m["allocations"])
                            + sum(m["initial"] >> i for i in range(64)) * m["halving"])
        require(self.supply_most <= MOST, "more coin than 2^63 - 1")
        self.is_work = m["sealing"] == "work"
        self.is_asert = self.is_work and m["difficulty"] == "asert"
        self.authorities = [bytes.fromhex(key) for key in m.get("authorities", [])]
        self.allocations = {bytes.fromhex(key): (amount, 0) for key, amount in m["allocations"]}
        self.canonical = json.dumps(m, sort_keys=True, separators=(",", ":")).encode()
        require(len(self.canonical) <= DOCUMENT_BYTES, "the canonical document is too long")
        self.genesis = self._make_genesis()
        self.genesis_bytes = codec.encode_block(self.genesis)
        self.id = codec.header_id(self.genesis.header)

    def _fill_in(self):
        m = self.members
        m.setdefault("block_bytes", 1 << 20)
        _integer(m["block_bytes"], 1024, 1 << 28, "block_bytes")
        m.setdefault("payload_bytes", min(1 << 16, m["block_bytes"]))
        m.setdefault("minimum_fee", 0)
        m.setdefault("host_rules", "")
        if m.get("difficulty") == "asert":
            _integer(m.get("spacing"), 1, 1 << 40, "spacing")
            m.setdefault("future_limit", min(120000, 2 * m["spacing"]))
        m.setdefault("future_limit", 120000)

    def _check_common(self):
        m = self.members
        wanted = {"rules", "version", "name", "time", "sealing", "initial", "halving", "block_bytes",
                  "payload_bytes", "minimum_fee", "future_limit", "host_rules", "allocations"}
        require(m.get("sealing") in ("work", "authority"), "sealing")
        if m["sealing"] == "authority":
            wanted |= {"authorities", "period"}
        else:
            require(m.get("difficulty") in ("fixed", "asert"), "difficulty")
            wanted |= {"difficulty", "bits", "limit"}
            wanted |= {"spacing", "half_life"} if m["difficulty"] == "asert" else set()
        require(set(m) == wanted, f"members: {sorted(set(m) ^ wanted)}")
        require(m["rules"] == "ledger", "rules")
        _integer(m["version"], 1, 1, "version")
        _name(m["name"], 1, "name")
        _name(m["host_rules"], 0, "host_rules")
        _integer(m["time"], 0, codec.TIME_END - 1, "time")
        _integer(m["initial"], 0, MOST, "initial")
        _integer(m["halving"], 1, MOST, "halving")
        _integer(m["payload_bytes"], 0, m["block_bytes"], "payload_bytes")
        _integer(m["minimum_fee"], 0, 1 << 32, "minimum_fee")
        _integer(m["future_limit"], 0, 1 << 40, "future_limit")
        require(isinstance(m["allocations"], list), "allocations")
        keys = []
        for entry in m["allocations"]:
            require(isinstance(entry, list) and len(entry) == 2, "an allocation is no pair")
            keys.append(_key(entry[0], "key of an allocation"))
            _integer(entry[1], 1, MOST, "amount of an allocation")
        require(keys == sorted(set(keys)) and codec.ZERO not in keys, "order of the allocations")

    def _check_work(self):
        m = self.members
        self.limit = _compact(m["limit"], "limit")
        require(_compact(m["bits"], "bits") <= self.limit, "bits are above the limit")
        if m["difficulty"] == "asert":
            _integer(m["half_life"], 6 * m["spacing"], 1 << 40, "half_life")
            require(m["future_limit"] <= 2 * m["spacing"], "future_limit is above 2 spacings")

    def _check_authority(self):
        m = self.members
        _integer(m["period"], 0, 1 << 40, "period")
        require(isinstance(m["authorities"], list) and 1 <= len(m["authorities"]) <= 255,
                "number of authorities")
        keys = [_key(key, "key of an authority") for key in m["authorities"]]
        require(len(set(keys)) == len(keys), "an authority is repeated")
        require(all(map(good_key, keys)), "the key of an authority is not valid")

    def _make_genesis(self):
        m = self.members
        reward = codec.Transaction(codec.REWARD, 0, 0, 0, codec.ZERO, codec.ZERO, self.canonical,
                                   bytes(codec.SEAL_BYTES))
        header = codec.Header(1, m["bits"] if self.is_work else 1, 0, m["time"], codec.ZERO,
                              codec.content_of([reward], []), 0)
        return codec.Block(header, b"", [reward])

    def subsidy(self, height):
        halvings = height // self.members["halving"]
        return self.members["initial"] >> halvings if 1 <= height and halvings < 64 else 0

    def work_of(self, header):
        if self.is_work:
            return codec.work_of_target(codec.target_of(header.bits))
        return header.bits
