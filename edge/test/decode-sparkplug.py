"""Decodes Sparkplug B messages with pysparkplug: lines "topic<TAB>hexadecimal" in, JSON lines out."""
import json, sys
from pysparkplug import DBirth, DData, DDeath, NBirth, NDeath, Topic
from pysparkplug import _protobuf as protobuf

kinds = {"NBIRTH": NBirth, "DBIRTH": DBirth, "DDATA": DData, "DDEATH": DDeath, "NDEATH": NDeath}
births = {}
for line in sys.stdin:
    text, hexadecimal = line.rstrip("\n").split("\t")
    raw = bytes.fromhex(hexadecimal)
    topic = Topic.from_str(text)
    kind = text.split("/")[2]
    device = topic.device_id or ""
    payload = kinds[kind].decode(raw, birth=births.get(device))
    if kind == "DBIRTH":
        births[device] = payload
    metrics = [payload.bd_seq_metric] if kind == "NDEATH" else getattr(payload, "metrics", [])
    plain = protobuf.Payload.FromString(raw)
    qualities = [
        dict(zip(m.properties.keys, m.properties.values)).get("Quality") for m in plain.metrics
    ]
    print(json.dumps({
        "kind": kind,
        "group": topic.group_id,
        "node": topic.edge_node_id,
        "device": device,
        "seq": getattr(payload, "seq", None),
        "metrics": [
            {
                "name": m.name,
                "value": m.value,
                "type": m.datatype.name,
                "historical": bool(m.is_historical),
                "isNull": bool(getattr(p, "is_null", False)),
                "quality": None if q is None else q.int_value,
            }
            for m, p, q in zip(metrics, plain.metrics, qualities)
        ],
    }))
