# Two stages: the toolchain stays behind, the image holds the binary and what it needs to run as nobody in particular.
FROM rust:1.95-slim-bookworm AS build
# libsqlite3-sys and ring build C code.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY migrations migrations
# Cargo wants the targets that Cargo.toml names to exist; neither goes into the image.
RUN mkdir -p tests/integration benches && touch tests/integration/main.rs benches/wire.rs \
    && cargo build --release --locked --bin fernstone

FROM debian:bookworm-slim
RUN groupadd --system --gid 42425 keystone \
    && useradd --system --uid 42425 --gid keystone --home-dir /var/lib/fernstone --create-home keystone \
    && install -d -o keystone -g keystone -m 0700 /etc/keystone/fernet-keys
COPY --from=build /build/target/release/fernstone /usr/local/bin/fernstone
COPY docker/entrypoint.sh /usr/local/bin/entrypoint.sh
USER keystone
WORKDIR /var/lib/fernstone
EXPOSE 5000
VOLUME /etc/keystone/fernet-keys
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
