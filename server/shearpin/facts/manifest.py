"""What manifests say, each with its position. Written by `manifests`, merged by `services`."""

from __future__ import annotations

import msgspec

from shearpin.facts.site import Site


class EnvEntry(msgspec.Struct, frozen=True, gc=False):
    """One environment variable of a container; `value` is None when the manifest cannot say it (secret, unset)."""

    name: str
    value: str | None
    site: Site


class PortEntry(msgspec.Struct, frozen=True, gc=False):
    """A port: inside the container, and the name or number under which others see it (None: same)."""

    container: int
    published: int | None
    site: Site


class Workload(msgspec.Struct, frozen=True, gc=False):
    """One container group as one manifest declares it: a compose service, a Kubernetes workload, a Procfile line.

    `name` is the name in the manifest; `hosts` the names under which the network knows it (compose: service name,
    container_name, hostname, network aliases; Kubernetes: names of Services that select it).
    `build` is the folder that the image is built from and `dockerfile` the file, relative to the workspace root.
    `command` is the start command as a token list (entrypoint and command joined), None when the image decides.
    `deployment` names the file set: the manifest's path, or the overlay folder.
    `labels` are pod labels for Service selectors.
    """

    kind: str
    name: str
    site: Site
    deployment: str
    image: str | None = None
    build: str | None = None
    dockerfile: str | None = None
    command: tuple[str, ...] | None = None
    working_dir: str | None = None
    hosts: tuple[str, ...] = ()
    env: tuple[EnvEntry, ...] = ()
    ports: tuple[PortEntry, ...] = ()
    mounts: tuple[tuple[str, str], ...] = ()
    depends_on: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    replicas: int | None = None
    profiles: tuple[str, ...] = ()
    env_from: tuple[EnvReference, ...] = ()
    #: true for a patch that names a workload defined elsewhere and says nothing about its image
    is_partial: bool = False


class EnvReference(msgspec.Struct, frozen=True, gc=False):
    """Variables that a workload takes from a named source of kind "configmap" or "secret".

    `name` is the variable and `key` the entry that gives its value; both are "" when all entries are taken over,
    each with `prefix` before its name.
    """

    kind: str
    source: str
    site: Site
    name: str = ""
    key: str = ""
    prefix: str = ""


class ServiceSelector(msgspec.Struct, frozen=True, gc=False):
    """A Kubernetes Service: a host name, the labels it selects, and its ports (port, target)."""

    name: str
    namespace: str
    selector: tuple[tuple[str, str], ...]
    ports: tuple[tuple[int, int | None], ...]
    site: Site
    deployment: str


class EnvSource(msgspec.Struct, frozen=True, gc=False):
    """A named set of variables: ConfigMap, Secret or env file; `kind` is "configmap", "secret" or "envfile".

    Of kind "settings" it is a file that a program is started with; its values may hold `${NAME:default}`.
    """

    kind: str
    name: str
    entries: tuple[EnvEntry, ...]
    site: Site
    deployment: str


class ImageBuild(msgspec.Struct, frozen=True, gc=False):
    """What a Dockerfile does: the final stage resolved.

    `copies` are (source relative to the build context, destination in the image). `python_path` are extra import
    roots in the image. `command` joins ENTRYPOINT and CMD; shell forms are split like a shell does.
    """

    path: str
    base_image: str
    workdir: str
    copies: tuple[tuple[str, str], ...]
    command: tuple[str, ...] | None
    env: tuple[EnvEntry, ...]
    ports: tuple[int, ...]
    python_path: tuple[str, ...]
    site: Site
    #: ENTRYPOINT alone, which a command of a manifest does not replace
    entrypoint: tuple[str, ...] | None = None
    #: images outside the file that any stage is built from, the final stage's first
    bases: tuple[str, ...] = ()


class Operation(msgspec.Struct, frozen=True, gc=False):
    """One operation of a contract; `path` with `{name}`, `handler` is "module.function" when the contract says it."""

    method: str
    path: str
    handler: str
    site: Site


class Contract(msgspec.Struct, frozen=True, gc=False):
    """An OpenAPI description: what some service serves. `base` is the path before all paths, "" for none."""

    path: str
    title: str
    base: str
    operations: tuple[Operation, ...]
    site: Site


class MessageOperation(msgspec.Struct, frozen=True, gc=False):
    """A service sends to or receives from a channel; `action` is "send" or "receive", `channel` as brokers know it.

    `exchange` and `queue` are names of AMQP, "" for none.
    """

    action: str
    channel: str
    protocol: str
    site: Site
    exchange: str = ""
    queue: str = ""


class MessageContract(msgspec.Struct, frozen=True, gc=False):
    """An AsyncAPI description: what some service sends and receives."""

    path: str
    title: str
    operations: tuple[MessageOperation, ...]


class CatalogComponent(msgspec.Struct, frozen=True, gc=False):
    """A component of a software catalogue, which people keep by hand.

    `depends_on`: names of components; `provides` and `consumes`: names of APIs. Each stands with its place.
    """

    name: str
    site: Site
    depends_on: tuple[tuple[str, Site], ...] = ()
    provides: tuple[tuple[str, Site], ...] = ()
    consumes: tuple[tuple[str, Site], ...] = ()


class ImageSource(msgspec.Struct, frozen=True, gc=False):
    """A build description says that `image` is built from the folder `context`."""

    image: str
    context: str
    dockerfile: str | None
    site: Site


class PythonProject(msgspec.Struct, frozen=True, gc=False):
    """A folder that is installed as a Python distribution: pyproject.toml, setup.cfg or a requirements file.

    `scripts` are (command, "module:function"); `package_dirs` the folders that its packages stand in, `depends_on`
    folders of the workspace that it installs, both as workspace paths. `name` is "" when the file does not say it.
    """

    folder: str
    name: str
    scripts: tuple[tuple[str, str], ...]
    package_dirs: tuple[str, ...]
    depends_on: tuple[str, ...]
    site: Site


class GatewayRoute(msgspec.Struct, frozen=True, gc=False):
    """A gateway forwards `prefix` (of `methods`, empty: all) to `target` (a URL or host:port) as `rewritten` prefix.

    `gateway` is the product. `timeout` (seconds) and `attempts` (the first one included) are None when not said.
    """

    gateway: str
    prefix: str
    target: str
    rewritten: str
    methods: tuple[str, ...]
    site: Site
    timeout: float | None = None
    attempts: int | None = None


class HostRoute(msgspec.Struct, frozen=True, gc=False):
    """Requests to `host` ("*.a.b": any below) whose path fits go to `target`, a host name inside the system.

    `path` is a prefix, or the whole path when `is_exact`. `rewritten` is what stands there for the target instead of
    the prefix; None when that is not known. `origin` is the kind of object, e.g. "Ingress".
    """

    host: str
    path: str
    target: str
    port: int | None
    rewritten: str | None
    is_exact: bool
    origin: str
    site: Site


class MeshMatch(msgspec.Struct, frozen=True, gc=False):
    """What a request must be: `form` of `path` is "prefix", "exact", "regex" or "" (any path); no `methods`: any.

    `is_conditional`: headers, parameters or the sender decide as well.
    """

    form: str = ""
    path: str = ""
    methods: tuple[str, ...] = ()
    is_conditional: bool = False


class MeshTimeout(msgspec.Struct, frozen=True, gc=False):
    """The mesh answers a caller after so many seconds at the latest, attempts included."""

    seconds: float
    site: Site


class MeshRetry(msgspec.Struct, frozen=True, gc=False):
    """The mesh makes at most so many `attempts`, the first one included; None when it does not say how many.

    `attempt_seconds` limits each one. `on` are the failures as written; empty: those that the mesh takes by default.
    """

    attempts: int | None
    attempt_seconds: float | None
    on: tuple[str, ...]
    site: Site


class MeshRoute(msgspec.Struct, frozen=True, gc=False):
    """One of several routes, in order, of which the first one that fits a request decides; no `matches`: all fit."""

    matches: tuple[MeshMatch, ...] = ()
    timeout: MeshTimeout | None = None
    retry: MeshRetry | None = None


class MeshPolicy(msgspec.Struct, frozen=True, gc=False):
    """What a mesh does with requests to `hosts`. `breaker`: where it says that hosts that fail are left out."""

    origin: str
    hosts: tuple[str, ...]
    routes: tuple[MeshRoute, ...]
    breaker: Site | None
    site: Site
    deployment: str


class RpcMethod(msgspec.Struct, frozen=True, gc=False):
    """One procedure of an RPC service."""

    name: str
    site: Site


class RpcService(msgspec.Struct, frozen=True, gc=False):
    """An RPC service as an interface definition declares it; `name` is qualified by its package."""

    name: str
    methods: tuple[RpcMethod, ...]
    site: Site


class Problem(msgspec.Struct, frozen=True, gc=False):
    """Why a manifest, or a stretch of it, could not be read."""

    site: Site
    message: str


class ManifestFacts(msgspec.Struct, frozen=True, gc=False):
    """All that one manifest file says. `kind` is the reader's name, e.g. "compose"."""

    kind: str
    path: str
    workloads: tuple[Workload, ...] = ()
    selectors: tuple[ServiceSelector, ...] = ()
    sources: tuple[EnvSource, ...] = ()
    images: tuple[ImageBuild, ...] = ()
    routes: tuple[GatewayRoute, ...] = ()
    builds: tuple[ImageSource, ...] = ()
    projects: tuple[PythonProject, ...] = ()
    contracts: tuple[Contract, ...] = ()
    messages: tuple[MessageContract, ...] = ()
    components: tuple[CatalogComponent, ...] = ()
    rpcs: tuple[RpcService, ...] = ()
    hosts: tuple[HostRoute, ...] = ()
    mesh: tuple[MeshPolicy, ...] = ()
    #: other files whose content this reading depends on (env files, included or extended files), as paths
    reads: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: manifests that this one puts together and changes: what they say by themselves is not deployed
    covers: tuple[str, ...] = ()
