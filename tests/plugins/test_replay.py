"""The recorded calls of the engine, to the stand-ins: same answers, same requests."""
import base64, hashlib, json, sys
from pathlib import Path
import grpc, pytest
from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from emulators.authority import ThrowAwayAuthority
from emulators.plugins.attaching import plugged
from emulators.plugins.vendors import AUTH0, GCP
from emulators.serving import serving
from tests.plugins.recorded import archives, scenario, scenarios
from tests.plugins.scripted import ScriptedServer
from tests.plugins.comparing import differences
from contextlib import ExitStack, contextmanager

REQUESTS = {"CheckConfig": provider_pb2.CheckRequest, "DiffConfig": provider_pb2.DiffRequest, "GetPluginInfo": Empty, "Handshake": provider_pb2.ProviderHandshakeRequest}

@pytest.fixture(scope="session")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    for a in archives():
        (folder / f"source-{a.sha256[:12]}.tar.gz").write_bytes(a.content)
    with (folder/"big.tar.gz").open("wb") as f: f.truncate(20*1024*1024)
    server = ScriptedServer(); authority = ThrowAwayAuthority()
    with serving(server) as google, serving(server, tls=authority.server_context()) as auth0:
        yield server, authority.client_context(), {"@GOOGLE@": google, "@AUTH0_DOMAIN@": auth0.removeprefix("https://"), "@ARCHIVE@": str(folder), "@LOCAL@":"127.0.0.1:1", "@BIN@": "/", "@UUID@":"id"}

def plain(message):
    return json_format.MessageToDict(message)

def ask(stub, call):
    method = call["method"].split(".")[1]
    kind = REQUESTS.get(method) or getattr(provider_pb2, method + "Request")
    request = json_format.ParseDict(call["request"], kind(), ignore_unknown_fields=True)
    try:
        return plain(getattr(stub, method)(request)), None
    except grpc.RpcError as e:
        return None, e

def vendor_of(call, current):
    r = call["request"]
    for text in (r.get("type",""), r.get("tok","")):
        for v in ("auth0","gcp"):
            if text.startswith(v+":") or text == f"pulumi:providers:{v}": return v
    return current

@pytest.mark.parametrize("name", scenarios())
def test_replay(name, world):
    server, tls, places = world
    s = scenario(name, places)
    server.script.follow(s.exchanges)
    out = []
    with ExitStack() as stack:
        stubs = {}
        for v in (AUTH0, GCP):
            port = stack.enter_context(plugged(v, tls))
            ch = stack.enter_context(grpc.insecure_channel(f"127.0.0.1:{port}"))
            stubs[v.name] = provider_pb2_grpc.ResourceProviderStub(ch)
        for call in s.calls:
            v = vendor_of(call, None)
            if v is None: continue
            got, error = ask(stubs[v], call)
            where = f"{call['n']} {call['method']} {call['request'].get('type','')}"
            if error is not None:
                want = (call.get("errors") or ["-"])[0].partition("desc = ")[2]
                if error.details() != want: out.append(f"{where}: ERR {error.details()!r} not {want!r}")
                continue
            if call["response"] is None and call.get("errors"): out.append(f"{where}: no error"); continue
            want = call["response"] or {}
            for d in differences(got, json.loads(json.dumps(want))): out.append(f"{where}: {d}")
        for u in server.script.unforeseen: out.append(f"UNFORESEEN {u}")
    Path(f"/tmp/replay/{name.replace('/','_')}.txt").write_text("\n".join(out))
    assert not out, "\n".join(out[:20])
