"""The kinds of the Gateway API: gateways, and the routes through them."""

from dataclasses import replace
from typing import Final

from demo.fleet.customkinds.customkind import AGE, Column, CustomKind
from demo.fleet.customkinds.schema import conditions, struct, structs, text, texts, whole
from demo.fleet.manifest import Manifest
from k8s.kinds.kind import Kind

GROUP: Final = "gateway.networking.k8s.io"
OLDER: Final = "v1beta1"
"""The only version that older releases serve."""

_CATEGORIES: Final = ("gateway-api",)


def _reference(about: str, **more: Manifest) -> Manifest:
    return struct(
        about,
        ["name"],
        group=text("The API group."),
        kind=text("The kind."),
        namespace=text("The namespace; that of this object if there is none."),
        name=text("The name."),
        **more,
    )


def _references(about: str, **more: Manifest) -> Manifest:
    item = _reference("", **more)
    del item["description"]
    return {"type": "array", "description": about, "items": item}


_PARENT: Final = {"sectionName": text("The listener.")}
_BACKEND: Final = {"port": whole("The port.", form="int32"), "weight": whole("The share of requests.", form="int32")}

GATEWAY: Final = CustomKind(
    kind=Kind(GROUP, "v1", "Gateway", "gateways"),
    about="A load balancer with listeners, to which routes attach.",
    short_names=("gtw",),
    categories=_CATEGORIES,
    also=(OLDER,),
    columns=(
        Column(name="Class", path=".spec.gatewayClassName"),
        Column(name="Address", path=".status.addresses[*].value"),
        Column(name="Programmed", path='.status.conditions[?(@.type=="Programmed")].status'),
        AGE,
    ),
    spec=struct(
        "The desired gateway.",
        ["gatewayClassName", "listeners"],
        gatewayClassName=text("The class, which names the controller."),
        listeners=structs(
            "The ports on which the gateway listens.",
            ["name", "port", "protocol"],
            name=text("The name."),
            hostname=text("The host name; all if there is none."),
            port=whole("The port.", form="int32"),
            protocol=text("The protocol."),
        ),
    ),
    status=struct(
        "The state of the gateway.",
        addresses=structs("Its addresses.", ["value"], type=text("The type."), value=text("The address.")),
        conditions=conditions(),
        listeners=structs(
            "The state of each listener.",
            ["name", "attachedRoutes"],
            name=text("The name."),
            attachedRoutes=whole("The number of its routes.", form="int32"),
            conditions=conditions(),
        ),
    ),
)

HTTP_ROUTE: Final = CustomKind(
    kind=Kind(GROUP, "v1", "HTTPRoute", "httproutes"),
    about="Rules that lead HTTP requests from gateways to services.",
    categories=_CATEGORIES,
    also=(OLDER,),
    columns=(Column(name="Hostnames", path=".spec.hostnames"), AGE),
    spec=struct(
        "Gateways, host names and rules.",
        parentRefs=_references("The gateways to which the route attaches.", **_PARENT),
        hostnames=texts("The host names of requests."),
        rules=structs(
            "Rules, of which the first that matches counts.",
            matches=structs(
                "Conditions, of which one must hold.",
                path=struct("The path of a request.", type=text("The comparison."), value=text("The value.")),
                method=text("The method of a request."),
            ),
            backendRefs=_references("The services that get the requests.", **_BACKEND),
        ),
    ),
    status=struct(
        "The state of the route.",
        ["parents"],
        parents=structs(
            "The state at each gateway.",
            ["parentRef", "controllerName"],
            parentRef=_reference("The gateway.", **_PARENT),
            controllerName=text("The controller that wrote this."),
            conditions=conditions(),
        ),
    ),
)


def older(kind: CustomKind) -> CustomKind:
    """Returns a kind as releases serve it that have only the older version."""
    return replace(kind, kind=replace(kind.kind, version=OLDER), also=())
