# 社会治理基础数据池。直接执行 make 可看到有哪些命令。
.POSIX:
.PHONY: help run test up down check samples benchmark environment
.SUFFIXES:

PYTHON =
PERSONS = 20000
BIN = .venv/bin
# Compiled modules are kept whatever the caller's settings: Airflow loads twice as fast with them.
RUN = PYTHONDONTWRITEBYTECODE= $(BIN)/python
ACCEPTED = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

help:
	@echo '社会治理基础数据池：'
	@echo '  make run      生成样例数据，跑完整条链路，发布一个版本并写出质量报告'
	@echo '  make test     代码检查和全部测试'
	@echo '  make up       启动 Airflow（网页上看同样的任务），make down 停止'
	@echo '  make samples  只生成样例数据，人数可选：make samples PERSONS=1000000'
	@echo '  make check    只做代码检查'
	@echo '  make benchmark  地址匹配与同类工具比准确率和速度，结果写到 docs/benchmarks（数小时）'
	@echo
	@echo '每个命令都会先自动准备好运行环境（.venv），需要 Python 3.11 至 3.13。'
	@echo '数据都放在 var/ 下。不用 Airflow 也能做的事见：$(BIN)/datapool --help'

run: environment
	@$(RUN) -m deploy.run_dags

up: environment
	@$(RUN) -m deploy.airflow_server up

down:
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m deploy.airflow_server down; else echo '还没有启动过。'; fi

samples: environment
	@home="$${DATAPOOL_HOME:-var}"; \
	$(RUN) -m samples --city "cities/$${DATAPOOL_CITY:-330381}" --persons $(PERSONS) --out "$$home/exports" --truth "$$home/truth"

benchmark: environment
	@$(RUN) -m benchmarks.matching --size 50k --size 500k --size 3M --queries 100000 --no-details --report docs/benchmarks

check: environment
	@echo '[检查] 格式'; $(BIN)/ruff format --check --quiet --output-format concise . || { echo '请执行：$(BIN)/ruff format .'; exit 1; }
	@echo '[检查] 写法'; $(BIN)/ruff check --quiet .
	@echo '[检查] 类型'; $(BIN)/mypy --no-error-summary

test: check
	@echo '[测试]'; $(RUN) -m pytest -n auto --dist loadfile --no-loadscope-reorder

environment:
	@set -- $(PYTHON); [ $$# -gt 0 ] || set -- python3 python3.12 python3.13 python3.11 python; \
	for python in "$$@"; do \
	  if "$$python" -c '$(ACCEPTED)' 2>/dev/null; then exec "$$python" deploy/set_up.py; fi; \
	done; \
	echo '找不到 Python 3.11 至 3.13。请先安装，例如 sudo apt-get install -y python3 python3-venv；' >&2; \
	echo '装在别处时可以指定：make PYTHON=/路径/python3.12 run' >&2; \
	exit 2
