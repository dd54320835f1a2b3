"""The plan as a drawing: groups of hosts as boxes on a grid, one line for each pair that may speak.

Only geometry is decided here; `templates/report/drawing.svg.j2` draws it. There are two shapes of the same
drawing, wide for a screen or paper and tall for a phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from seatworks.plan.model import Flow, NetworkKind, Plan, Site

_LINE = 15  # height of one line of text
_HEAD = 26  # height of a box's title
_PAD = 14  # from a site's border to its boxes
_SITE_HEAD = 24  # room for a site's name
_MOST_LINES = 6  # hosts named in one box before "and n more"

# Where each box stands: column, row, columns it spans. Lines between boxes are straight or bend once in a gap.
_Places = dict[str, tuple[int, int, int]]
_WIDE: dict[str, _Places] = {
    "cloud": {
        "internet": (0, 0, 1), "carrier": (1, 0, 1), "other": (2, 0, 1),
        "edge": (1, 1, 1), "record": (0, 2, 1), "call": (1, 2, 1), "db": (2, 2, 1),
    },
    "onprem": {
        "internet": (0, 0, 1), "carrier": (1, 0, 1), "other": (2, 0, 1),
        "seats": (0, 1, 1), "edge": (1, 1, 1), "record": (0, 2, 1), "call": (1, 2, 1), "db": (2, 2, 1),
    },
    "hybrid": {
        "other": (0, 0, 1), "carrier": (1, 0, 1), "internet": (3, 0, 1),
        "seats": (0, 1, 1), "edge": (1, 1, 1), "cloud-edge": (3, 1, 1),
        "record": (0, 2, 1), "call": (1, 2, 1), "db": (2, 2, 1),
    },
}  # fmt: skip
_TALL: dict[str, _Places] = {
    "cloud": {
        "carrier": (0, 0, 1), "internet": (1, 0, 1), "edge": (0, 1, 2), "call": (0, 2, 2),
        "record": (0, 3, 1), "db": (1, 3, 1), "other": (0, 4, 2),
    },
    "onprem": {
        "carrier": (0, 0, 1), "internet": (1, 0, 1), "edge": (0, 1, 2), "seats": (0, 2, 1), "call": (1, 2, 1),
        "record": (0, 3, 1), "db": (1, 3, 1), "other": (0, 4, 2),
    },
    "hybrid": {
        "carrier": (0, 0, 1), "internet": (1, 0, 1), "cloud-edge": (1, 1, 1), "edge": (0, 2, 2),
        "seats": (0, 3, 1), "call": (1, 3, 1), "record": (0, 4, 1), "db": (1, 4, 1), "other": (0, 5, 2),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the grid is. `letters` is how many letters of small text fit into one column."""

    name: str
    places: dict[str, _Places]
    column: int
    gap: int
    margin: int
    letters: int


WIDE = Shape("wide", _WIDE, column=196, gap=144, margin=24, letters=31)
TALL = Shape("tall", _TALL, column=166, gap=14, margin=17, letters=27)


@dataclass(slots=True)
class Box:
    """A group of hosts, or what stands outside. `lines` are (name, address), `notes` small text below."""

    key: str
    site: Site | None
    lines: list[tuple[str, str]]
    notes: list[str] = field(default_factory=list)
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(slots=True)
class Line:
    """Everything two boxes may say to each other. `both` draws an arrowhead at either end."""

    kind: str
    source: str
    target: str
    labels: list[str]
    both: bool = False
    points: str = ""
    label_x: float = 0
    label_y: float = 0
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Region:
    """A site: the rectangle around its boxes."""

    site: Site
    detail: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished drawing."""

    shape: str
    width: float
    height: float
    regions: tuple[Region, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def draw(plan: Plan, shape: Shape) -> Drawing:
    """The drawing of a plan. Conversations that reach every host (administration) are left to the text."""
    places = shape.places[plan.mode]
    boxes = {box.key: box for box in _boxes(plan, shape) if box.key in places}
    lines = _lines(plan, boxes, shape)
    _arrange(boxes, lines, places, shape)
    for line in lines:
        _route(line, boxes[line.source], boxes[line.target])
    regions = tuple(_regions(plan, boxes.values(), shape))
    right = max((*(box.right for box in boxes.values()), *(r.x + r.width for r in regions)))
    bottom = max((*(box.bottom for box in boxes.values()), *(r.y + r.height for r in regions)))
    return Drawing(shape.name, right + shape.margin - _PAD, bottom + 10, regions, tuple(boxes.values()), tuple(lines))


def everywhere(plan: Plan) -> tuple[Flow, ...]:
    """Flows that reach every host, services of the cloud apart: nobody enters those."""
    return tuple(flow for flow in plan.flows if len(flow.targets) == len(plan.servers) > 1)


def service(plan: Plan, flow: Flow) -> str:
    """A flow's ports as people say them: `SIP 5060/udp`."""
    ports = plan.ports
    names = {
        ports.ssh: "SSH",
        ports.sip: "SIP",
        ports.sips: "SIP TLS",
        ports.registration_sync: "DMQ",
        ports.link: "WireGuard",
        ports.postgresql: "PostgreSQL",
        ports.recording: "SFTP",
        ports.relay_rtp_first: "RTP",
        ports.call_rtp_first: "RTP",
    }
    span = str(flow.first_port) if flow.first_port == flow.last_port else f"{flow.first_port}-{flow.last_port}"
    return f"{names.get(flow.first_port, flow.name)} {span}/{flow.protocol}"


def _boxes(plan: Plan, shape: Shape) -> Iterable[Box]:
    peers: dict[str, list[tuple[str, str]]] = {}
    spoken = {source for flow in plan.flows for source in flow.sources}
    for peer in plan.peers:
        key = _peer_box(plan, peer.name)
        if key in shape.places[plan.mode] and key not in {host.group for host in plan.hosts} and peer.name in spoken:
            cidrs = ", ".join(str(cidr).removesuffix("/32") for cidr in peer.cidrs)
            fits = len(peer.name) + len(cidrs) < shape.letters - 5  # written larger than notes
            peers.setdefault(key, []).extend([(peer.name, cidrs)] if fits else [(peer.name, ""), ("", cidrs)])
    for key, lines in peers.items():
        yield Box(key, Site.ONPREM if key == "seats" else None, lines)
    for group in dict.fromkeys(host.group for host in plan.hosts):
        hosts = plan.group(group)
        roles = [role for role in hosts[0].roles if role not in ("baseline", "firewall")] or [
            hosts[0].instance_type or ""
        ]
        span = shape.places[plan.mode][group][2]
        notes = _wrap(roles, span * shape.letters)
        yield Box(group, hosts[0].site, [(host.name, str(host.address)) for host in hosts], notes)


def _peer_box(plan: Plan, name: str) -> str:
    if name in {trunk.peer for trunk in plan.trunks}:
        return "carrier"
    if name in ("internet", "management"):
        return name
    if name == "onprem-public":  # the site's edges as the cloud sees them
        return "edge"
    cidrs = next(peer.cidrs for peer in plan.peers if peer.name == name)
    seats = {network.cidr for network in plan.networks if network.kind is NetworkKind.SEATS}
    return "seats" if seats & set(cidrs) else "other"


def _lines(plan: Plan, boxes: dict[str, Box], shape: Shape) -> list[Line]:
    groups = {host.name: host.group for host in plan.hosts}
    groups |= {peer.name: _peer_box(plan, peer.name) for peer in plan.peers}
    lines: dict[tuple[str, str], Line] = {}
    among: dict[str, list[str]] = {}
    common = everywhere(plan)
    for flow in plan.flows:
        if flow in common:
            continue
        text = service(plan, flow)
        pairs = {(groups[source], groups[target]) for source in flow.sources for target in flow.targets}
        for source, target in sorted(pairs):
            if source == target:
                among.setdefault(source, []).append(text)
            elif source in boxes and target in boxes:
                _join(lines, source, target, text, _kind(plan, flow))
    for key, texts in among.items():
        span = shape.places[plan.mode][key][2]
        first, *rest = dict.fromkeys(texts)
        boxes[key].notes += _wrap([f"⟲ {first}", *rest], span * shape.letters)
    return list(lines.values())


def _wrap(items: Iterable[str], letters: int) -> list[str]:
    """Items in lines of at most so many letters; an item is never broken."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + 3 + len(item) <= letters:
            lines[-1] += f" · {item}"
        else:
            lines.append(item)
    return lines


def _join(lines: dict[tuple[str, str], Line], source: str, target: str, text: str, kind: str) -> None:
    line = lines.get((source, target)) or lines.get((target, source))
    if line is None:
        lines[source, target] = Line(kind, source, target, [text])
        return
    line.both = line.both or line.source != source
    if text not in line.labels:
        line.labels.append(text)
    if kind == "link":
        line.kind = kind


def _kind(plan: Plan, flow: Flow) -> str:
    if flow.via_link or flow.first_port == plan.ports.link or len(_sites(plan, flow)) > 1:
        return "link"
    return "data" if flow.first_port in (plan.ports.postgresql, plan.ports.recording) else "voice"


def _sites(plan: Plan, flow: Flow) -> set[Site]:
    """Sites whose hosts a flow joins."""
    return {host.site for host in plan.hosts if host.name in {*flow.sources, *flow.targets}}


def _arrange(boxes: dict[str, Box], lines: Sequence[Line], places: _Places, shape: Shape) -> None:
    """Give every box its place: columns are fixed, a row is as high as its highest box."""
    rows = sorted({places[key][1] for key in boxes})
    y = 12.0
    for index, row in enumerate(rows):
        inside = [box for key, box in boxes.items() if places[key][1] == row]
        above = {box.site for key, box in boxes.items() if places[key][1] < row}
        if any(box.site and box.site not in above for box in inside):
            y += _SITE_HEAD + _PAD
        for box in inside:
            column, _, span = places[box.key]
            box.lines = _short(box.lines)
            box.x = shape.margin + column * (shape.column + shape.gap)
            box.width = span * shape.column + (span - 1) * shape.gap
            box.y = y
            box.height = _HEAD + _LINE * len(box.lines) + (13 * len(box.notes) + 6 if box.notes else 0) + 8
        height = max(box.height for box in inside)
        if shape is WIDE:
            for box in inside:
                box.height = height
        y += height
        leaving = [
            len(line.labels)
            for line in lines
            if places[line.source][1] != places[line.target][1]
            and min(places[line.source][1], places[line.target][1]) == row
        ]
        y += max((*(14 * count + 24 for count in leaving), 30))
        below = {box.site for key, box in boxes.items() if places[key][1] in rows[index + 1 :]}
        if any(box.site and box.site not in below for box in inside):
            y += _PAD


def _short(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if len(lines) <= _MOST_LINES:
        return lines
    return [*lines[: _MOST_LINES - 1], (f"+ {len(lines) - _MOST_LINES + 1}", "…")]


def _route(line: Line, source: Box, target: Box) -> None:
    """Straight down where the boxes share columns, straight across where they share rows, else with a step."""
    top, low = (source, target) if source.y <= target.y else (target, source)
    left, right = max(source.x, target.x), min(source.right, target.right)
    line.label_y = top.bottom + 18 + (_PAD if top.site and top.site is not low.site else 0)
    if left < right:
        x = right - (34 if right - left > TALL.column else 16)
        ends = [(x, source.bottom), (x, target.y)] if source is top else [(x, source.y), (x, target.bottom)]
        line.label_x, line.anchor = x - 9, "end"
    elif top.bottom > low.y:
        near, far = (source, target) if source.x < target.x else (target, source)
        y = (max(source.y, target.y) + min(source.bottom, target.bottom)) / 2
        ends = [(near.right, y), (far.x, y)] if near is source else [(far.x, y), (near.right, y)]
        line.label_x, line.label_y, line.anchor = (near.right + far.x) / 2, y - 8, "middle"
        line.label_y -= 14 * (len(line.labels) - 1)
    else:
        start, end = top.x + 16, low.x + 30
        middle = top.bottom + 9
        ends = [(start, top.bottom), (start, middle), (end, middle), (end, low.y)]
        line.label_x, line.label_y = min(end, start) + 9 if end < start else start + 9, middle + 16
        if source is low:
            ends.reverse()
    line.points = " ".join(f"{x:g},{y:g}" for x, y in ends)


def _regions(plan: Plan, boxes: Iterable[Box], shape: Shape) -> Iterable[Region]:
    inside = list(boxes)
    for site in Site:
        members = [box for box in inside if box.site is site]
        if not members:
            continue
        x, y = min(box.x for box in members) - _PAD, min(box.y for box in members) - _PAD - _SITE_HEAD + 4
        width = max(box.right for box in members) + _PAD - x
        height = max(box.bottom for box in members) + _PAD - y
        cidrs = ", ".join(str(n.cidr) for n in plan.networks if n.site is site and n.kind is NetworkKind.SERVERS)
        detail = plan.region if site is Site.CLOUD and plan.region else cidrs if shape is WIDE else ""
        yield Region(site, detail, x, y, width, height)
