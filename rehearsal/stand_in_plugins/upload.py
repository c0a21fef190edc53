"""Uploads to Cloud Storage: multipart up to 16 MiB, resumable above, as Google's own Go client does.

https://cloud.google.com/storage/docs/uploads-downloads
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from secrets import token_hex

import httpx2

from rehearsal.stand_in_plugins.api import Api
from rehearsal.stand_in_plugins.properties import Properties

_CHUNK = 16 * 1024 * 1024


def upload(api: Api, url: str, query: Mapping[str, str], metadata: Properties, asset: Properties) -> httpx2.Response:
    """Send the file that ``asset`` points to, and return the answer that holds the object made of it."""
    content = Path(asset["path"]).read_bytes()
    if len(content) <= _CHUNK:
        return _at_once(api, url, query, metadata, content)
    return _in_chunks(api, url, query, metadata, content)


def _at_once(api: Api, url: str, query: Mapping[str, str], metadata: Properties, content: bytes) -> httpx2.Response:
    boundary = token_hex(30)
    parts = ((b"application/json", json.dumps(metadata).encode()), (metadata["contentType"].encode(), content))
    return api.send(
        "POST",
        url,
        query={**query, "uploadType": "multipart"},
        content=list(_multipart(boundary.encode(), parts)),  # a list: chunked, and can be sent again
        headers={"Content-Type": f"multipart/related; boundary={boundary}"},
    )


def _multipart(boundary: bytes, parts: tuple[tuple[bytes, bytes], ...]) -> Iterator[bytes]:
    for kind, content in parts:
        yield b"--" + boundary + b"\r\nContent-Type: " + kind + b"\r\n\r\n" + content + b"\r\n"
    yield b"--" + boundary + b"--\r\n"


def _in_chunks(api: Api, url: str, query: Mapping[str, str], metadata: Properties, content: bytes) -> httpx2.Response:
    answer = api.send("POST", url, query={**query, "uploadType": "resumable"}, json=metadata)
    session = answer.headers["Location"]
    for start in range(0, len(content), _CHUNK):
        chunk = content[start : start + _CHUNK]
        end = start + len(chunk)
        total = len(content) if end == len(content) else "*"
        headers = {
            "Content-Range": f"bytes {start}-{end - 1}/{total}",
            "Content-Type": metadata["contentType"],
            "X-GUploader-No-308": "yes",
        }
        answer = api.send("POST", session, query={}, content=chunk, headers=headers)
    return answer
