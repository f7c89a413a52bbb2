"""datapool verify: files, receipts, row outcomes, releases and the audit chain are whole."""

from dataclasses import asdict

import typer

from cli.console import AsJson, Home, context_of, output, print_json, tell
from flow.summary import note_verification
from pool.verify import verify as verify_pool

KINDS = {
    "missing": "缺失",
    "changed": "改动",
    "unexpected": "多余",
    "receipt": "回执",
    "ledger": "台账",
    "counts": "行数",
    "outcomes": "去向",
    "pointer": "指向",
    "audit": "审计",
}


def verify(home: Home = None, as_json: AsJson = False) -> None:
    """核对一切：原始文件、回执、批次、每一行的去向、发布、共享、审计链。

    退出码：0 全部完好，1 发现问题。核对的时间和结果记入审计日志。
    """
    context = context_of(home)
    findings = verify_pool(context.pool)
    note_verification(context, findings)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            tell(KINDS.get(finding.kind, finding.kind), finding.message, "red")
        output.print(f"发现 {len(findings)} 处问题。" if findings else "全部完好：每一行都有去向，各文件与清单一致，审计链完整。")
    if findings:
        raise typer.Exit(1)
