"""An OCI image of one layer, as a tar that containerd, podman and docker import. The same files give the same bytes.

  oci-layout  index.json -> manifest -> config, layer      (the image specification's layout)
  manifest.json -> config, layer                           (the older archive, for `docker load`)
"""

import gzip
import hashlib
import io
import json
import os
import platform
import tarfile

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
# Any fixed moment does; this one is plainly none at which something was built.
EPOCH = "1970-01-01T00:00:00Z"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# The fastest level: the node unpacks each image once, and the levels above save a tenth.
GZIP_LEVEL = 1


def digest(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def tar_bytes(files):
    """A tar of {path: (mode, content)}, with the folders above each file; nothing of the machine's is in it."""
    buffer = io.BytesIO()
    folders = {parent for path in files for parent in parents(path)}
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(folders | set(files)):
            entry = tarfile.TarInfo(path)
            if path in folders:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(entry)
            else:
                entry.mode, content = files[path]
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def parents(path):
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def read_layer(files):
    """{path in the image: path here} as a tar's entries. What stands behind a link is taken under the link's name."""
    entries = {}
    for path, source in files.items():
        with open(source, "rb") as file:
            entries[path.lstrip("/")] = (0o755 if os.access(source, os.X_OK) else 0o644, file.read())
    return entries


class Image:
    """The blobs of an image, by digest."""

    def __init__(self, name, files, entrypoint, user):
        self.name = name
        self.blobs = {}
        layer = tar_bytes(read_layer(files))
        packed = gzip.compress(layer, GZIP_LEVEL, mtime=0)
        self.layer = self.descriptor(LAYER, packed)
        self.config = self.descriptor(CONFIG, canonical(self.settings(digest(layer), entrypoint, user)))
        self.manifest = self.descriptor(MANIFEST, canonical({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": self.config, "layers": [self.layer]}))

    def descriptor(self, media_type, data):
        key = digest(data)
        self.blobs[key] = data
        return {"mediaType": media_type, "digest": f"sha256:{key}", "size": len(data)}

    def settings(self, layer_digest, entrypoint, user):
        repository, _, tag = self.name.rpartition(":")
        return {
            "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "created": EPOCH,
            "config": {
                "User": user,
                "Entrypoint": [entrypoint],
                "Env": ["PATH=/usr/bin"],
                "WorkingDir": "/",
                "Labels": {"org.opencontainers.image.title": repository.rpartition("/")[2],
                           "org.opencontainers.image.version": tag},
            },
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
            "history": [{"created": EPOCH, "created_by": "hack/images.sh"}],
        }

    def index(self):
        names = {"io.containerd.image.name": self.name,
                 "org.opencontainers.image.ref.name": self.name.rpartition(":")[2]}
        return {"schemaVersion": 2, "manifests": [{**self.manifest, "annotations": names}]}

    def archive(self):
        """The whole tar."""
        files = {f"blobs/sha256/{key}": data for key, data in self.blobs.items()}
        files["oci-layout"] = canonical({"imageLayoutVersion": "1.0.0"})
        files["index.json"] = canonical(self.index())
        files["manifest.json"] = canonical([{
            "Config": blob_path(self.config), "RepoTags": [self.name], "Layers": [blob_path(self.layer)]}])
        return tar_bytes({path: (0o644, data) for path, data in files.items()})


def blob_path(descriptor):
    return "blobs/" + descriptor["digest"].replace(":", "/")
