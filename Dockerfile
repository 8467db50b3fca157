# Two stages: wheels and compiled catalogs are made in the first, nothing but them runs.
FROM python:3.12-slim AS build
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY bot bot
COPY db db
COPY locales locales
RUN /venv/bin/python -m bot i18n compile && /venv/bin/python -m compileall -q bot db

FROM python:3.12-slim
# The pictures' labels are in thirteen languages.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-dejavu-core fonts-noto-core fonts-noto-cjk && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home sampan && mkdir /data && chown sampan /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER sampan
ENV SAMPAN_DATABASE=/data/sampan.db PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/tmp/matplotlib
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s CMD ["/venv/bin/python", "-m", "bot", "health"]
ENTRYPOINT ["/venv/bin/python", "-m", "bot"]
CMD ["run"]
