"""The pages. Gradio is imported by `serve`, not by this package."""

from .address import AddressRefused, host_option, port_option
from .server import serve

__all__ = ["AddressRefused", "host_option", "port_option", "serve"]
