"""What several Prefect servers need to be one: everything that a server alone keeps in its memory goes to Redis.

Leave one out and nothing complains: without ``PREFECT_SERVER_DOCKET_URL`` each service process schedules for itself,
without the ordering events are parked for fifteen minutes, without the leases a slot taken through one server is
unknown to the other. The name of Prefect's docket is left alone: its servers and its service processes have two, and
a server that shared theirs would take the scheduler's turns without knowing how to play them.
"""

SECONDS_TO_CONNECT, SECONDS_TO_ANSWER = 5, 20
"""Prefect waits for ever by default, and a connection that died with Redis is then never given back
(PrefectHQ/prefect#22478). Its consumers block for one second at most, so twenty are silence."""


def over_redis(url: str) -> dict[str, str]:
    """The environment of Prefect's servers and service processes that share the Redis of ``url``."""
    return {
        "PREFECT_REDIS_MESSAGING_URL": url,
        "PREFECT_REDIS_MESSAGING_SOCKET_CONNECT_TIMEOUT": str(SECONDS_TO_CONNECT),
        "PREFECT_REDIS_MESSAGING_SOCKET_TIMEOUT": str(SECONDS_TO_ANSWER),
        "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL": url,
        "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_SOCKET_CONNECT_TIMEOUT": str(SECONDS_TO_CONNECT),
        "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_SOCKET_TIMEOUT": str(SECONDS_TO_ANSWER),
        "PREFECT_SERVER_DOCKET_URL": url,
        # We use none, and two servers that register them at their first start together make one of them die.
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        "PREFECT_SERVER_EVENTS_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
        "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": "prefect_redis.cleanup_queue",
    }
