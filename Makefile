# `make run` serves a demo site, `make test` proves it; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test bench bench-search lint format types imports assets pictures lock clean

PY := .venv/bin/python
INSTALL := $(PY) -m pip install -qq --disable-pip-version-check
# Which tests, and anything else pytest should hear: make test T="tests/intake -k zip"
T ?= tests
SIZES ?= 2000 10000

help: ## この一覧を表示する
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run: .venv/.product assets ## 準備からデモサイトの起動まで（PORTAL_PORT、PORTAL_DATA で変更可）
	@tools/run

test: .venv/.test assets ## すべての試験を実行する（T=tests/intake のように範囲を指定できる）
	$(PY) tools/install_test_packages.py
	$(PY) -m pytest -n 2 --dist loadfile $(T)

lint: .venv/.dev ## 書き方を確かめる
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	tools/check_words

bench: .venv/.test ## 1件ごとの処理時間を測る（SIZES="2000 10000"。測定用データは ../shared/scale）
	$(PY) -m tests.bench.site --sizes $(SIZES)

bench-search: .venv/.test ## 検索の速さと質を測る
	$(PY) -m tests.bench.bench_search
	$(if $(DATABASE),$(PY) -m tests.bench.bench_search_postgres --database "$(DATABASE)",@echo "PostgreSQL: make bench-search DATABASE=postgresql://…")

format: .venv/.dev ## 書き方を整える
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

types: .venv/.dev ## 型を確かめる
	.venv/bin/mypy

imports: .venv/.dev ## 部屋どうしの import の決まりを確かめる
	.venv/bin/lint-imports --no-logo

assets: .venv/.product ## 画面の CSS と JavaScript を作る（変わっていなければ何もしない）
	@$(PY) -m portal.web.assets.build

pictures: .venv/.test assets ## 手引きの画面の写真を撮り直す
	$(PY) tools/take_pictures.py

lock: .venv/.dev ## requirements/ を作り直す（UPGRADE=1 で新しい版に上げる）
	tools/lock

clean: ## 作ったものを消す（var/ のデータは残す）
	rm -rf .venv build dist *.egg-info portal/web/static .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# --- set-up: a stamp says which lock file the environment was last filled from ------------------------

.venv/bin/python:
	tools/make_venv

.venv/.product: requirements/assets.txt pyproject.toml | .venv/bin/python
	@echo "必要なパッケージを入れています ..."
	@$(INSTALL) --require-hashes -r requirements/assets.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: requirements/test.txt | .venv/.product
	@echo "試験用のパッケージを入れています ..."
	@$(INSTALL) --require-hashes -r requirements/test.txt
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/.product
	@echo "検査用のパッケージを入れています ..."
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@
