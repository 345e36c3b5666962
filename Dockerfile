# The service for a real deployment: web, worker and beat are the same image with different commands (compose.yaml).
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
WORKDIR /srv/headframe
COPY requirements.txt .
RUN /venv/bin/pip install --require-virtualenv -r requirements.txt
COPY manage.py ./
COPY config config
COPY registry registry
COPY compliance compliance
COPY docs docs
# Collecting static files needs settings, not servers; these values are not kept.
RUN HEADFRAME_ENV=production HEADFRAME_DATA=/tmp/build SECRET_KEY=only-for-collecting-static-files-in-this-step \
    DATABASE_URL=postgresql://none/none REDIS_URL=redis://none/0 \
    /venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 HEADFRAME_ENV=production HEADFRAME_DATA=/var/lib/headframe-data
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin headframe \
    && install --directory --owner headframe --mode 0700 /var/lib/headframe-data
COPY --from=build /venv /venv
COPY --from=build /srv/headframe /srv/headframe
WORKDIR /srv/headframe
USER 10001
VOLUME /var/lib/headframe-data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["sh", "-c", "exec granian --interface wsgi --host 0.0.0.0 --port 8000 --workers ${HEADFRAME_WEB_WORKERS:-2} --blocking-threads 4 --respawn-failed-workers config.wsgi:application"]
