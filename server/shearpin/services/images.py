"""What a container image is by its public name: infrastructure, a gateway, a language runtime."""

from __future__ import annotations

import re

_INFRASTRUCTURE: tuple[tuple[str, str], ...] = (
    ("postgres", r"postgres(ql)?(-repmgr|-ha)?|postgis|timescaledb(-ha)?|pgvector|alloydb.*|spilo.*"),
    ("pgbouncer", r"pgbouncer|pgpool.*|odyssey"),
    ("mysql", r"mysql(-server)?|mariadb(-galera)?|percona.*"),
    ("mssql", r"mssql.*|azure-sql-edge"),
    ("oracle", r"oracle-(xe|free)|oracle"),
    ("cockroachdb", r"cockroach(db)?"),
    ("mongodb", r"mongo(db)?(-community-server|-sharded)?"),
    ("redis", r"redis(-stack(-server)?|-cluster|-sentinel)?|valkey(-cluster)?|keydb|dragonfly"),
    ("memcached", r"memcached"),
    ("rabbitmq", r"rabbitmq(-management)?"),
    ("kafka", r"(cp-)?(enterprise-)?kafka(-native)?|cp-server|redpanda|kafka-kraft"),
    ("zookeeper", r"(cp-)?zookeeper"),
    ("schema-registry", r"(cp-)?schema-registry|karapace"),
    ("kafka-connect", r"(cp-)?kafka-connect.*|connect|ksqldb-.*|(cp-)?kafka-rest"),
    ("nats", r"nats(-streaming)?|nats-server"),
    ("mqtt", r"eclipse-mosquitto|mosquitto|emqx|vernemq"),
    ("activemq", r"activemq.*|artemis.*"),
    ("pulsar", r"pulsar(-all)?"),
    ("elasticsearch", r"elasticsearch(-oss)?|opensearch"),
    ("meilisearch", r"meilisearch"),
    ("typesense", r"typesense"),
    ("solr", r"solr"),
    ("cassandra", r"cassandra|scylla"),
    ("clickhouse", r"clickhouse(-server)?"),
    ("influxdb", r"influxdb"),
    ("couchdb", r"couchdb|couchbase(-server)?"),
    ("neo4j", r"neo4j|memgraph.*|dgraph|arangodb"),
    ("vector-store", r"qdrant|weaviate|milvus|chroma"),
    ("dynamodb", r"dynamodb-local"),
    ("object-store", r"minio|azurite|fake-gcs-server|seaweedfs"),
    ("aws", r"localstack(-pro)?|elasticmq.*|moto(server)?"),
    ("etcd", r"etcd"),
    ("consul", r"consul"),
    ("vault", r"vault"),
    ("eureka", r".*eureka.*"),
    ("keycloak", r"keycloak|dex|hydra|kratos|oauth2-proxy"),
    ("temporal", r"auto-setup|temporal(-server)?|temporalite"),
    ("otlp", r"all-in-one|jaeger(-.*)?|zipkin(-slim)?|opentelemetry-collector.*|otel-collector.*|tempo|signoz.*"),
    (
        "prometheus",
        r"prometheus|alertmanager|pushgateway|cadvisor|.*[-_]exporter|node-exporter|thanos|victoria-metrics",
    ),
    ("grafana", r"grafana(-oss|-enterprise)?|lgtm|otel-lgtm|pyroscope"),
    ("logs", r"loki|promtail|fluentd.*|fluent-bit.*|logstash(-oss)?|filebeat|vector|graylog|alloy"),
    ("kibana", r"kibana|opensearch-dashboards"),
    ("admin", r"adminer|pgadmin4?|phpmyadmin|mongo-express|redis-commander|redisinsight|flower|kafka-ui|akhq|kafdrop"),
    ("admin", r"portainer(-ce)?|dozzle|temporal-?ui|ui|console|kafka-manager|rabbitmq-admin|swagger-ui|statsd.*"),
    ("smtp", r"mailhog|mailpit|maildev|mailcatcher|smtp4dev"),
    ("utility", r"busybox|alpine|curl|wait-for-.*|dockerize|cloud-sdk|google-cloud-cli|kubectl|watchtower|pause|bash"),
    ("utility", r"hey|ghz|k6|toxiproxy|chaos-.*|certbot|mc|git-sync|flyway|liquibase|wiremock|mock-?server"),
)
_INFRASTRUCTURE_PATTERNS = tuple((kind, re.compile(rf"(?:{pattern})$")) for kind, pattern in _INFRASTRUCTURE)
_GATEWAY = re.compile(
    r"(?:kong(-gateway)?|envoy(-.*)?|traefik|haproxy|krakend(-ce)?|apisix|tyk-gateway|spring-cloud-gateway|caddy|zuul"
    r"|ambassador|emissary|gloo.*|nginx-proxy(-manager)?|kong-gateway)$"
)
_WEB_SERVER = re.compile(r"(?:nginx(-unprivileged)?|openresty|httpd|apache|static-web-server|lighttpd|tengine)$")
_LANGUAGES: tuple[tuple[str, str], ...] = (
    ("python", r"python|pypy|miniconda3?|micromamba|uvicorn-gunicorn.*|uv|jupyter.*|airflow|locust"),
    ("javascript", r"node|bun|deno"),
    ("go", r"golang|go"),
    (
        "java",
        r"openjdk|eclipse-temurin|amazoncorretto|maven|gradle|java|jre|jdk|tomcat|graalvm.*|ibm-semeru.*|liberica.*",
    ),
    ("php", r"php|composer|laravel.*"),
    ("csharp", r"sdk|aspnet|runtime-deps|runtime|dotnet.*"),
    ("ruby", r"ruby|rails|jruby"),
    ("rust", r"rust|cargo-chef|rust-musl-builder"),
    ("elixir", r"elixir|erlang"),
    ("scala", r"sbt|scala.*"),
)
_LANGUAGE_PATTERNS = tuple((language, re.compile(rf"(?:{pattern})$")) for language, pattern in _LANGUAGES)


#: how copies of public images are called: `image-mirror-confluentinc-cp-kafka`, `docker-redis-cluster`
_COPY = re.compile(r"(?:.*mirror|docker|bitnami|library|confluentinc|altinity|apache)-(?=.)")


_PORTS = {
    "postgres": (5432,),
    "mysql": (3306,),
    "mssql": (1433,),
    "mongodb": (27017,),
    "redis": (6379,),
    "memcached": (11211,),
    "rabbitmq": (5672,),
    "kafka": (9092,),
    "zookeeper": (2181,),
    "nats": (4222,),
    "mqtt": (1883,),
    "elasticsearch": (9200,),
    "meilisearch": (7700,),
    "cassandra": (9042,),
    "clickhouse": (8123, 9000),
    "etcd": (2379,),
    "consul": (8500,),
    "temporal": (7233,),
    "otlp": (4317, 4318),
}


def default_ports(kind: str) -> tuple[int, ...]:
    """Return the ports that images of an infrastructure kind listen on unless configured otherwise."""
    return _PORTS.get(kind, ())


def image_name(image: str) -> str:
    """Return the last segment of an image reference without tag and digest, in lower case."""
    path = image.split("@", 1)[0]
    name = path.rpartition("/")[2].split(":", 1)[0]
    return name.lower()


def infrastructure_kind(image: str) -> str | None:
    """Return what infrastructure an image is ("postgres"), "utility" for tools, None for anything else."""
    name = image_name(image)
    names = [name]
    while (copy := _COPY.match(name)) is not None:
        name = name[copy.end() :]
        names.append(name)
    return next((kind for name in names for kind, pattern in _INFRASTRUCTURE_PATTERNS if pattern.match(name)), None)


def is_gateway(image: str) -> bool:
    """Say whether the image is an API gateway or proxy by trade."""
    return bool(_GATEWAY.match(image_name(image)))


def is_web_server(image: str) -> bool:
    """Say whether the image is a web server, which is a gateway only if its configuration forwards requests."""
    return bool(_WEB_SERVER.match(image_name(image)))


def language_of(image: str) -> str | None:
    """Return the language whose runtime or toolchain the image is, or None."""
    name = image_name(image)
    if name == "sdk" and "dotnet" not in image:
        return None
    return next((language for language, pattern in _LANGUAGE_PATTERNS if pattern.match(name)), None)
