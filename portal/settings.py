"""Settings: environment variables named PORTAL_*, read once at start and refused by name when they are wrong."""

import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class WrongSetting(ValueError):
    """A PORTAL_* variable cannot be used; the message names it and says what to write instead."""


@dataclass(frozen=True)
class Settings:
    """How one site runs. Every attribute is the environment variable PORTAL_<NAME IN CAPITALS>; the metadata explains it."""

    data: Path = field(default=Path("var"), metadata={"help": "データを置くフォルダー（データベース・添付・索引）"})
    database_url: str = field(default="", metadata={"help": "PostgreSQLのURL。空ならデータフォルダーのSQLite"})
    owner_url: str = field(default="", metadata={"help": "表を作るときのPostgreSQLのURL。空ならdatabase_urlを使う"})
    database_role: str = field(default="portal_app", metadata={"help": "PostgreSQLで使う権限の小さい役割"})
    host: str = field(default="127.0.0.1", metadata={"help": "待ち受けるアドレス"})
    port: int = field(default=8000, metadata={"help": "待ち受けるポート", "least": 1, "most": 65535})
    origin: str = field(default="", metadata={"help": "利用者から見たアドレス（例 https://portal.example.jp）"})
    workers: int = field(default=2, metadata={"help": "Webの処理プロセス数", "least": 1, "most": 64})
    threads: int = field(default=4, metadata={"help": "プロセスごとの処理スレッド数", "least": 1, "most": 64})
    trusted_proxies: int = field(default=0, metadata={"help": "手前にある中継サーバーの数", "least": 0, "most": 5})
    upload_limit_mb: int = field(default=50, metadata={"help": "添付1件の上限（MB）", "least": 1, "most": 2000})
    session_idle_minutes: int = field(
        default=30, metadata={"help": "操作がないとき画面を閉じるまで（分）", "least": 5, "most": 720}
    )
    session_hours: int = field(default=12, metadata={"help": "ログインの有効時間（時間）", "least": 1, "most": 72})
    search: str = field(
        default="whoosh",
        metadata={"help": "検索の索引を置く所。whooshはデータフォルダー、postgresqlはPostgreSQL（複数台で動かすとき）"},
    )
    index_cache_mb: int = field(
        default=64, metadata={"help": "検索の読み取り用メモリー（プロセスごと、MB）", "least": 8, "most": 8000}
    )
    soffice: str = field(
        default="", metadata={"help": "PDFを作るLibreOfficeのプログラム。空なら探す。noneなら使わない"}
    )
    pdf_cache_mb: int = field(
        default=500, metadata={"help": "作ったPDFを取っておく大きさ（MB）", "least": 10, "most": 100_000}
    )
    password_cost: str = field(default="normal", metadata={"help": "パスワードの計算の重さ。試験のときだけ low"})
    mail_server: str = field(
        default="", metadata={"help": "メールを渡すSMTPサーバー。空ならデータフォルダーのmailに書く"}
    )
    mail_port: int = field(default=587, metadata={"help": "SMTPサーバーのポート", "least": 1, "most": 65535})
    mail_starttls: str = field(default="yes", metadata={"help": "noならSTARTTLSを使わない（同じ機械の中継だけ）"})
    mail_user: str = field(default="", metadata={"help": "SMTPサーバーの利用者名。空なら認証しない"})
    mail_password_file: str = field(default="", metadata={"help": "SMTPサーバーのパスワードだけを書いたファイル"})
    mail_sender: str = field(default="portal@localhost", metadata={"help": "メールの差出人のアドレス"})
    mail_hour: int = field(
        default=7, metadata={"help": "お知らせをまとめたメールを送る時刻（時）", "least": 0, "most": 23}
    )
    assets: str = field(default="full", metadata={"help": "noneなら画面のスクリプトを使わない"})

    @property
    def secure(self) -> bool:
        """Whether people reach the site over TLS, so that cookies may be bound to it."""
        return self.origin.startswith("https://")

    @property
    def reachable_host(self) -> str:
        """The host by which this machine itself reaches the site."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104 (compared, not bound)

    @property
    def address(self) -> str:
        """The address people open: the origin when there is one, otherwise host and port."""
        host = self.reachable_host
        return self.origin or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def mail_folder(self) -> Path:
        """Where mail is written when there is no server to hand it to."""
        return self.data / "mail"

    @property
    def sqlite_path(self) -> Path:
        """Where the embedded database lives."""
        return self.data / "portal.sqlite3"

    @property
    def blob_folder(self) -> Path:
        """Where attached files live, by their hash."""
        return self.data / "blobs"

    @property
    def index_folder(self) -> Path:
        """Where the search index lives (or, when it is in PostgreSQL, is prepared); it can be thrown away."""
        return self.data / "index"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the PORTAL_* variables. Raises WrongSetting naming the variable that is unknown or wrong."""
        known = {f"PORTAL_{one.name.upper()}": one for one in fields(cls)}
        for name in environment:
            if name.startswith("PORTAL_") and name not in known and name not in _FOR_TOOLS:
                raise WrongSetting(f"{name} という設定はありません。使える設定: {', '.join(sorted(known))}")
        given = {
            one.name: _read(name, one.type, one.metadata, environment[name])
            for name, one in known.items()
            if environment.get(name, "") != ""
        }
        settings = cls(**given)
        _check_urls(settings)
        return settings

    def secret_key(self) -> str:
        """Return the site's secret, made on first use and kept readable for its owner only."""
        path = self.data / "secret.key"
        if not path.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                return path.read_text()
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())
        return path.read_text()


_FOR_TOOLS = {"PORTAL_SHARED", "PORTAL_TEST_DATABASE"}
"""Read by tests and benchmarks only."""


def _read(name: str, kind: Any, metadata: Mapping[str, Any], text: str) -> Any:
    if kind in (int, "int"):
        try:
            number = int(text)
        except ValueError:
            raise WrongSetting(f"{name} は数字で指定してください（いま「{text}」）。") from None
        if not metadata["least"] <= number <= metadata["most"]:
            raise WrongSetting(
                f"{name} は{metadata['least']}から{metadata['most']}までにしてください（いま{number}）。"
            )
        return number
    if kind in (Path, "Path"):
        path = Path(text).expanduser().resolve()
        if path.exists() and not path.is_dir():
            raise WrongSetting(f"{name} はフォルダーを指定してください（いま「{text}」はファイルです）。")
        return path
    return text


def _check_urls(settings: Settings) -> None:
    for name in ("database_url", "owner_url"):
        url = getattr(settings, name)
        if url and not url.startswith(("postgresql://", "postgresql+psycopg://")):
            raise WrongSetting(f"PORTAL_{name.upper()} は postgresql:// で始まるURLにしてください。")
    if settings.origin and (
        urlsplit(settings.origin).scheme not in ("http", "https") or not urlsplit(settings.origin).netloc
    ):
        raise WrongSetting("PORTAL_ORIGIN は https:// で始まるアドレスにしてください。")
    if settings.search not in ("whoosh", "postgresql"):
        raise WrongSetting("PORTAL_SEARCH は whoosh か postgresql にしてください。")
    if settings.search == "postgresql" and not settings.database_url:
        raise WrongSetting(
            "PORTAL_SEARCH=postgresql は、データベースが PostgreSQL のときだけ使えます。PORTAL_DATABASE_URL も指定してください。"
        )
    if settings.assets not in ("full", "none"):
        raise WrongSetting("PORTAL_ASSETS は full か none にしてください。")
    if settings.mail_starttls not in ("yes", "no"):
        raise WrongSetting("PORTAL_MAIL_STARTTLS は yes か no にしてください。")
    if settings.mail_password_file and not Path(settings.mail_password_file).is_file():
        raise WrongSetting("PORTAL_MAIL_PASSWORD_FILE のファイルが見つかりません。")
    if settings.password_cost not in ("normal", "low"):
        raise WrongSetting("PORTAL_PASSWORD_COST は normal か low にしてください。")
    if settings.soffice not in ("", "none") and shutil.which(settings.soffice) is None:
        raise WrongSetting("PORTAL_SOFFICE のプログラムが見つかりません。soffice の場所か none を指定してください。")
    if not settings.database_role.replace("_", "").isalnum():
        raise WrongSetting("PORTAL_DATABASE_ROLE は英数字と下線で指定してください。")


def table() -> str:
    """Return every setting as a Markdown table: the one in the operators' guide, which a test keeps equal."""
    lines = ["| 設定 | 内容 | 初期値 | 範囲 |", "|---|---|---|---|"]
    for one in fields(Settings):
        least, most = one.metadata.get("least"), one.metadata.get("most")
        limits = f"{least}～{most}" if least is not None else ""
        shown = f"`{one.default}`" if str(one.default) else "（空）"
        lines.append(f"| `PORTAL_{one.name.upper()}` | {one.metadata['help']} | {shown} | {limits} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
