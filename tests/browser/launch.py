"""How Chromium is started: it trusts one key, and has a fake camera and microphone where somebody sits at it."""

from pathlib import Path

from playwright.async_api import Browser, BrowserType

from tests.browser.camera import write_camera

# Five rooms at once leave two cores little to spare: pictures are composed in memory and nobody listens at the speaker;
# what is received and decoded is counted all the same.
SPARING = ("--disable-gpu", "--mute-audio")


CHROMIUM = "/usr/bin/chromium"


async def launched(
    chromium: BrowserType, key_digest: str, camera: Path | None = None, executable: str = CHROMIUM
) -> Browser:
    """A browser; `camera` is the folder for the film of its fake cameras (320x180), its microphones beep.

    `executable`: Chromium, or a script that runs it in another network.
    """
    arguments = [f"--ignore-certificate-errors-spki-list={key_digest}", "--no-sandbox", *SPARING]
    if camera is not None:
        arguments += [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={write_camera(camera / 'camera.y4m')}",
            "--allow-loopback-in-peer-connection",
        ]
    return await chromium.launch(executable_path=executable, args=arguments)
