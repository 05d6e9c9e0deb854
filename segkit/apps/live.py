"""Run live reports: `python -m segkit.apps.live SETTINGS.json PARENT_PID`.

Voilà, for the front alone: it listens at a socket in a folder of its own, asks for the front's
token, and serves the notebooks of live pages. What a reader asks for was checked by the front and
is checked here again before a kernel starts.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import tornado.ioloop
from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyter_server.utils import url_path_join
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.web import HTTPError, authenticated
from traitlets.config import Config
from voila.app import Voila
from voila.handler import VoilaHandler
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from segkit.apps.kernels import LiveKernel, LiveKernels
from segkit.apps.live_settings import BASE, LiveSettings
from segkit.apps.parameterise import has_controls, parameterise
from segkit.apps.registry import APPS
from segkit.errors import SegkitError
from segkit.runs.cells import show_output
from segkit.runs.exporter import TEMPLATE, build_page
from segkit.runs.leash import die_with_parent
from segkit.runs.share import share_folder
from segkit.runs.shipped import find_notebook

KERNEL = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
HEARTBEAT = "<script>window.voila_heartbeat()</script>"
"""What Voilà says while a kernel computes, or for ever when it died before its first answer."""

HEARTBEAT_S = 2
REPORT, ASKED, TITLE = SAID = ("X-Segkit-Report", "X-Segkit-Asked", "X-Segkit-Title")
"""What the front says of a page; not in the address, which is logged where something fails."""

WIDGETS = ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8")


class OwnKernel:
    """A handler that answers the reader for whom a kernel was started; for others it is not there.

    The front names the reader; nobody else reaches this server.
    """

    def check(self, kernel_id: str) -> None:
        """Refuse whoever is not the kernel's reader."""
        handler: Any = self
        reader = handler.request.headers.get("X-Segkit-Reader", "")
        if not handler.kernel_manager.is_of(kernel_id, reader):
            raise HTTPError(404)


class Channel(OwnKernel, VoilaKernelWebsocketHandler):  # type: ignore[misc]  # no types
    """The channel between a page and its kernel."""

    async def get(self, kernel_id: str) -> None:
        """Open the channel."""
        self.check(kernel_id)
        await super().get(kernel_id)


class End(OwnKernel, VoilaShutdownKernelHandler):  # type: ignore[misc]
    """A page that closes ends its kernel."""

    @authenticated
    async def post(self, kernel_id: str) -> None:
        """End the kernel."""
        self.check(kernel_id)
        await self.kernel_manager.end(kernel_id)
        self.set_status(204)
        self.finish()


class Page(TornadoVoilaHandler):  # type: ignore[misc]
    """The page of a live report; it ends when its kernel dies while it is made."""

    @authenticated
    async def get(self, path: str | None = None) -> None:
        """Give the page as it grows."""
        kernel = self.request.headers.get("X-Segkit-Kernel", "")
        with self.kernel_manager.rendering(kernel):
            async for part in self.get_generator(path=path):
                is_waiting = part.strip() == HEARTBEAT
                if is_waiting and not await self.kernel_manager.is_living(kernel):
                    return
                self.write("\n" if is_waiting else part)
                self.flush()


class Model(OwnKernel, KernelHandler):
    """What a page asks of its kernel before it opens the channel."""

    SUPPORTED_METHODS = ("GET",)

    @authenticated
    async def get(self, kernel_id: str) -> None:
        """Give the kernel's state."""
        self.check(kernel_id)
        await ensure_async(super().get(kernel_id))


class Pulse(OwnKernel, APIHandler):
    """Whether a kernel lives, for its page to ask."""

    @authenticated
    async def get(self, kernel_id: str) -> None:
        """Answer 204 while it lives, 404 after."""
        self.check(kernel_id)
        kernels: Any = self.kernel_manager
        if not await kernels.is_living(kernel_id):
            raise HTTPError(404)
        self.set_status(204)
        self.finish()


class LiveVoila(Voila):  # type: ignore[misc]
    """Voilà at a socket, with the few addresses that a page needs."""

    settings: LiveSettings
    template_paths: list[str]

    def setup_template_dirs(self) -> None:
        """Take our own template, whatever others are installed."""
        super().setup_template_dirs()
        own = str(share_folder("templates") / "voila" / TEMPLATE)
        self.template_paths = [own, *self.template_paths]

    def load_config_file(self, *_given: Any, **_named: Any) -> None:  # noqa: ANN401
        """Read no file of whoever runs the server: it could open what is closed here."""

    def init_handlers(self) -> list[Any]:
        """Give Voilà's handlers for scripts and the page, and our own for kernels."""
        taken = {"AllowListFileHandler", "TemplateStaticFileHandler"}
        own = {
            TornadoVoilaHandler: Page,
            KernelHandler: Model,
            VoilaKernelWebsocketHandler: Channel,
            VoilaShutdownKernelHandler: End,
        }
        handlers = [
            (rule[0], own.get(rule[1], rule[1]), *rule[2:])
            for rule in super().init_handlers()
            if rule[1].__name__ not in taken and "Login" not in rule[1].__name__
        ]
        return [(url_path_join(BASE, "api", "pulse", KERNEL), Pulse), *handlers]

    def listen(self) -> None:
        """Listen at the socket until the front ends."""
        server = HTTPServer(self.app)
        server.add_socket(bind_unix_socket(self.settings.socket, mode=0o600))
        self.ioloop = tornado.ioloop.IOLoop.current()
        try:
            self.ioloop.start()
        finally:
            self.stop()


def make_hook(settings: LiveSettings) -> Any:  # noqa: ANN401  a function as Voilà calls it
    """Give what Voilà calls before a kernel starts."""
    root = Path(settings.workspace)
    templates = share_folder("templates")

    def prepare(handler: VoilaHandler, *, notebook: Any, cwd: str) -> Any:  # noqa: ANN401
        """Give the notebook as it lies now, with the parameters of the request in it."""
        del notebook, cwd
        said = {name: unquote(handler.request.headers.get(name, "")) for name in SAID}
        try:
            app = APPS[said[REPORT]]
            values = app.model.read({**json.loads(said[ASKED]), "workspace": str(root)})
        except (SegkitError, KeyError, ValueError) as error:
            raise HTTPError(400) from error
        made = parameterise(find_notebook(app.name, root), values)
        page = build_page(made, title=said[TITLE], template=templates / "nbconvert" / TEMPLATE)
        made.metadata["segkit"] = {
            **vars(page),
            "contents": [vars(e) for e in page.contents],
            "has_controls": has_controls(made),
        }
        return made

    return prepare


def configure(settings: LiveSettings) -> Config:
    """Give Voilà's configuration: nothing beside the report is served, nothing is overridden."""
    config = Config()
    config.VoilaConfiguration.template = "lab"
    config.VoilaConfiguration.file_allowlist = ["^$"]
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.show_tracebacks = False
    config.VoilaConfiguration.extension_allowlist = list(WIDGETS)
    config.VoilaConfiguration.http_header_envs = [
        "X-Segkit-Clearance",
        "X-Segkit-Kept-Back",
        "X-Segkit-Kernel",
        "X-Segkit-Reader",
        "X-Segkit-Report",
    ]
    config.VoilaConfiguration.http_keep_alive_timeout = HEARTBEAT_S
    config.VoilaConfiguration.prelaunch_hook = make_hook(settings)
    config.VoilaConfiguration.multi_kernel_manager_class = LiveKernels
    config.VoilaExporter.filters = {"show_output": show_output}
    config.LiveKernels.most = settings.most
    config.LiveKernels.unseen_s = settings.unseen_s
    config.LiveKernels.first_s = settings.first_s
    config.LiveKernels.cull_idle_timeout = settings.idle_s
    config.LiveKernels.cull_interval = max(1, min(30, settings.idle_s // 4))
    config.LiveKernels.cull_connected = True
    config.LiveKernels.kernel_manager_class = f"{LiveKernel.__module__}.{LiveKernel.__name__}"
    config.LiveKernel.transport = "ipc"
    config.LiveKernel.autorestart = False
    return config


def main(arguments: list[str]) -> None:
    """Serve live reports until the front ends."""
    die_with_parent(int(arguments[1]))
    settings = LiveSettings.read(Path(arguments[0]))
    os.chdir(settings.scratch)
    apps = Path(settings.scratch) / "apps"
    apps.mkdir(exist_ok=True)
    stub = apps / "live.ipynb"
    stub.write_bytes(find_notebook(next(iter(APPS)), Path(settings.workspace)).read_bytes())
    app = LiveVoila(
        config=configure(settings),
        notebook_path=str(stub),
        base_url=BASE,
        server_url=BASE,
        token=settings.token,
        open_browser=False,
        port_retries=0,
        connection_dir_root=settings.scratch,
        log_level="WARN",
    )
    app.settings = settings
    app.initialize([])
    app.start()


if __name__ == "__main__":
    main(sys.argv[1:])
