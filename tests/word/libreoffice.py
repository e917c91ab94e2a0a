"""Accept all and reject all by LibreOffice itself: a macro in a profile of its own goes through a folder of files."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from portal.word.forms import FOLDER
from portal.word.package import read_parts
from tests.support.packages import require_package, require_program
from tests.word.desk import Opened

_LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
 <library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple" library:link="false"/>
</library:libraries>"""
_LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" library:passwordprotected="false">
 <library:element library:name="Deciding"/>
</library:library>"""
_MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Deciding" script:language="StarBasic">
Sub DecideAll
  Dim opened(0) As New com.sun.star.beans.PropertyValue
  Dim stored(0) As New com.sun.star.beans.PropertyValue
  opened(0).Name = "Hidden" : opened(0).Value = True
  stored(0).Name = "FilterName" : stored(0).Value = "MS Word 2007 XML"
  dispatcher = createUnoService("com.sun.star.frame.DispatchHelper")
  For Each what In Array("Accept", "Reject")
    For number = 0 To COUNT - 1
      document = StarDesktop.loadComponentFromURL("FOLDER/" &amp; number &amp; ".docx", "_blank", 0, opened())
      dispatcher.executeDispatch(document.CurrentController.Frame, ".uno:" &amp; what &amp; "AllTrackedChanges", "", 0, Array())
      document.storeToURL("FOLDER/" &amp; what &amp; number &amp; ".docx", stored())
      document.close(True)
    Next
  Next
End Sub
</script:module>"""


def decided(files: Mapping[str, bytes], folder: Path) -> dict[str, tuple[Opened, Opened]]:
    """Return each file with all changes accepted, and with all rejected."""
    require_package("fonts-noto-cjk")
    require_package("libreoffice-writer-nogui")
    office = require_program("libreoffice-writer-nogui", "soffice")
    for number, docx in enumerate(files.values()):
        (folder / f"{number}.docx").write_bytes(docx)
    _run(office, folder, "--terminate_after_init")  # the first start fills the profile, and would write over our macro
    basic = folder / "profile" / "user" / "basic"
    (basic / "script.xlc").write_text(_LIBRARIES, encoding="utf-8")
    (basic / "Standard" / "script.xlb").write_text(_LIBRARY, encoding="utf-8")
    module = _MODULE.replace("COUNT", str(len(files))).replace("FOLDER", folder.as_uri())
    (basic / "Standard" / "Deciding.xba").write_text(module, encoding="utf-8")
    _run(office, folder, "--norestore", "macro:///Standard.Deciding.DecideAll")
    return {
        name: (_read(folder / f"Accept{number}.docx"), _read(folder / f"Reject{number}.docx"))
        for number, name in enumerate(files)
    }


def _read(path: Path) -> Opened:
    return Opened(read_parts(path))


def _run(office: Path, folder: Path, *arguments: str) -> None:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [str(office), profile, "--headless", *arguments],
        check=True,
        capture_output=True,
        timeout=150,
        env=os.environ | {"FONTCONFIG_FILE": str(FOLDER / "fonts.conf"), "HOME": str(folder)},
    )
