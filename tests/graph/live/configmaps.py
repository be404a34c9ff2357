"""Random changes of config maps on a real API server, for lists that are followed."""

from random import Random

import aiohttp


async def change(session: aiohttp.ClientSession, namespace: str, random: Random, *, times: int, names: int) -> None:
    """Creates, replaces or deletes config maps of so many names; the label `kept` of each is `yes` or `no`."""
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    for _ in range(times):
        name = f"m{random.randrange(names)}"
        if random.random() < 0.3:
            async with session.delete(f"{path}/{name}"):
                continue
        labels = {"kept": random.choice(("yes", "no"))}
        body = {"metadata": {"name": name, "labels": labels}, "data": {"n": str(random.random())}}
        async with session.put(f"{path}/{name}", json=body) as put:
            if put.status == 404:
                async with session.post(path, json=body):
                    pass
