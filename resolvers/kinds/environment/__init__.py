"""The environment of a container, as the kubelet makes it from the pod and the objects that the pod names.

- `variables`: the variables as the API sends them, with their sources, and the values before they are sent.
- `expansion`: references to other variables in values.
- `podfields`, `containerresources`: values of fields of the pod, and of requests and limits.
- `servicevariables`: the variables that the kubelet adds for Services.
- `masks`: the paths that the operator masks.
- `objects`: the objects of a cluster that variables need; `making`: the variables of one container.
- `reading`: the field of containers, which reads those objects for all containers at once.
"""
