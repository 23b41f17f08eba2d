# One image for web, worker and beat. Built in two steps, so that no compiler or cache is in the result.
FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes -r requirements.txt

FROM python:3.12-slim-bookworm
# Pango draws the certificates; the fonts cover the scripts of Ontario's names.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig \
    fonts-dejavu-core fonts-noto-core fonts-droid-fallback fonts-wqy-microhei \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /home/portal portal
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/static
WORKDIR /srv/portal
COPY --from=build /opt/venv /opt/venv
COPY . .
# Compiling catalogues and collecting static files read no secret: the values below exist for this step alone.
RUN export ECHO_ENV=production SECRET_KEY=build DATABASE_URL=postgres://build/build REDIS_URL=redis://build SMTP_HOST=build \
    PORTAL_URL=https://build.invalid ALLOWED_HOSTS=build.invalid DEFAULT_FROM_EMAIL=build@build.invalid \
 && python manage.py compile_catalogues && python manage.py collectstatic --noinput \
 && mkdir -p /srv/beat && chown portal /srv/beat
USER portal
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "echo_portal.wsgi", "--config=python:echo_portal.web_server", "--bind=0.0.0.0:8000", "--workers=2", "--threads=4", "--worker-tmp-dir=/dev/shm", "--access-logfile=-"]
