# Built in one stage, where there is a compiler; run in another, where there is none.
FROM python:3.12-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /build
RUN python -m venv /osteon
ENV PATH=/osteon/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements-build.lock requirements.lock ./
RUN pip install --require-hashes -r requirements-build.lock \
 && pip install --require-hashes --no-build-isolation -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY service service
COPY rulesets rulesets
COPY fhir_profiles fhir_profiles
RUN pip install --no-deps --no-build-isolation .

FROM python:3.12-slim
COPY --from=build /osteon /osteon
RUN useradd --system --no-create-home --uid 10001 osteon && install -d -o osteon -g osteon -m 0700 /data
ENV PATH=/osteon/bin:$PATH PYTHONDONTWRITEBYTECODE=1 \
    OSTEON_BIND=0.0.0.0:8080 OSTEON_DATABASE_URL=sqlite:////data/osteon.db
USER osteon
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", \
  "import urllib.request as http; http.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
CMD ["osteon", "serve"]
