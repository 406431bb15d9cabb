# The service's image: `docker build --target cpu -t vitrine:0.1.0-cpu .`, `docker build --target gpu -t vitrine:0.1.0-gpu .`
# Packages come from locks with hashes (k8s/image, made by `make lock`), as wheels: nothing is compiled, so no stage has a
# compiler. They lie in /usr/local, where a login shell finds them too, as the operator's clean-up of Redis needs.
FROM python:3.11.14-slim-bookworm AS python

FROM python AS packages-cpu
COPY k8s/image/serve.lock k8s/image/cpu.lock /locks/
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --prefix /packages -r /locks/serve.lock -r /locks/cpu.lock

FROM python AS packages-gpu
COPY k8s/image/serve.lock k8s/image/gpu.lock /locks/
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --prefix /packages -r /locks/serve.lock -r /locks/gpu.lock
# TensorRT is on the index by name only: its packages fetch the wheels of this version from NVIDIA, so no hash can be
# pinned. `--build-arg TENSORRT=` leaves it out; then ONNX Runtime serves.
ARG TENSORRT=10.15.1.29
RUN if [ -n "$TENSORRT" ]; then pip install --no-cache-dir --no-deps --prefix /packages \
    "tensorrt-cu13==$TENSORRT" "tensorrt-cu13-libs==$TENSORRT" "tensorrt-cu13-bindings==$TENSORRT"; fi

# Without packages: what both images share. wget asks Serve's proxy for the operator's readiness probe.
FROM python AS service
RUN apt-get update \
    && apt-get install --no-install-recommends --yes wget \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 1000 vitrine \
    && useradd --uid 1000 --gid vitrine --no-create-home --home-dir /tmp vitrine \
    && install --directory --owner vitrine --group vitrine /var/lib/vitrine
WORKDIR /opt/vitrine/app
COPY pyproject.toml README.md LICENSE ./
COPY models models
COPY deployments deployments
COPY serve_app serve_app
COPY k8s/serve k8s/serve
ENV PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    VITRINE_HOME=/var/lib/vitrine

FROM service AS cpu
COPY --from=packages-cpu /packages /usr/local
COPY k8s/image/finish.sh /opt/vitrine/
RUN bash /opt/vitrine/finish.sh
USER 1000:1000
CMD ["vitrine", "serve", "--host", "0.0.0.0"]

FROM service AS gpu
COPY --from=packages-gpu /packages /usr/local
COPY k8s/image/finish.sh /opt/vitrine/
RUN bash /opt/vitrine/finish.sh
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 1000:1000
CMD ["vitrine", "serve", "--host", "0.0.0.0"]
