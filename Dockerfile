# monitor as an image: not root, and nothing to write but /var/lib/monitor. compose.yaml runs it with less than Docker's
# usual rights. To pin the base: --build-arg PYTHON=python:3.11-slim@sha256:...
ARG PYTHON=python:3.11-slim

FROM ${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN ["python", "-m", "venv", "/opt/monitor/venv"]
COPY requirements-run.lock requirements-build.lock ./
RUN ["/opt/monitor/venv/bin/python", "-m", "pip", "install", "--require-hashes", "--only-binary=:all:", "-r", "requirements-run.lock"]
RUN ["python", "-m", "pip", "install", "--require-hashes", "--only-binary=:all:", "-r", "requirements-build.lock"]
COPY pyproject.toml README.md LICENSE ./
COPY monitor monitor
RUN ["hatchling", "build", "-t", "wheel", "-d", "/dist"]
RUN ["/opt/monitor/venv/bin/python", "-m", "pip", "install", "--no-deps", "--no-index", "--find-links", "/dist", "monitor"]

FROM ${PYTHON}
RUN ["groupadd", "--gid", "10001", "monitor"]
RUN ["useradd", "--uid", "10001", "--gid", "10001", "--no-create-home", "--home-dir", "/var/lib/monitor", "--shell", "/usr/sbin/nologin", "monitor"]
RUN ["install", "-d", "-o", "monitor", "-g", "monitor", "-m", "0700", "/var/lib/monitor"]
COPY --from=build /opt/monitor/venv /opt/monitor/venv
# Secrets lie where monitor looks for its token first; what SQLite has no memory for goes where there is a disk.
ENV PATH=/opt/monitor/venv/bin:$PATH \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    CREDENTIALS_DIRECTORY=/run/secrets \
    SQLITE_TMPDIR=/var/lib/monitor
USER 10001:10001
WORKDIR /var/lib/monitor
VOLUME /var/lib/monitor
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=5m --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9464/livez', timeout=4)"]
ENTRYPOINT ["monitor"]
CMD ["run", "--config", "/etc/monitor/config.toml"]
