"""STUN, RTCP, RTP and SDP as bytes, with aioice and aiortc as outside judges."""

import contextlib
import struct

import pytest
from aioice import stun as judge
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket, unpack_remb_fci
from hypothesis import given
from hypothesis import strategies as st

from demo.peers import SeatPeer
from media.embedded import rtcp, rtp, sdp, stun
from media.embedded.rtcp import KeyFrameRequest, Nack, ReceiverReport, ReportBlock, SenderReport
from media.engine import MediaRefusal, SeatId, TrackRef, track_ref
from tests.media.scene import clip_of

PASSWORD = "password-of-this-side"
SOURCE = ("127.0.0.1", 4711)


def _request(**attributes: object) -> bytes:
    message = judge.Message(judge.Method.BINDING, judge.Class.REQUEST)
    message.attributes.update({"USERNAME": "abcd:wxyz", "PRIORITY": 1, **attributes})
    message.add_message_integrity(PASSWORD.encode())
    return bytes(message)


def test_a_binding_request_is_authentic_only_with_the_password() -> None:
    request = stun.parse(_request())
    assert request.local_ufrag == "abcd"
    assert stun.is_authentic(request, PASSWORD)
    assert not stun.is_authentic(request, PASSWORD + "x")
    assert not request.nominates
    assert stun.parse(_request(**{"USE-CANDIDATE": None})).nominates


@pytest.mark.parametrize("source", [SOURCE, ("::1", 4711)])
def test_a_binding_response_satisfies_another_implementation(source: tuple[str, int]) -> None:
    request = stun.parse(_request())
    response = judge.parse_message(stun.response(request, source, PASSWORD))
    assert response.check_message_integrity(PASSWORD.encode())
    assert response.message_class == judge.Class.RESPONSE
    assert response.transaction_id == request.transaction
    assert response.attributes["XOR-MAPPED-ADDRESS"] == source


def test_a_request_of_this_side_satisfies_another_implementation() -> None:
    sent = stun.request(bytes(12), "wxyz:abcd", PASSWORD)
    message = judge.parse_message(sent)
    assert message.check_message_integrity(PASSWORD.encode())
    assert message.attributes["USERNAME"] == "wxyz:abcd"
    assert "ICE-CONTROLLED" in message.attributes


def test_the_packet_that_breaks_another_parser_is_only_refused() -> None:
    attribute = struct.pack("!HHI", 0x0024, 2, 1)
    datagram = struct.pack("!HHI12s", 1, len(attribute), 0x2112A442, bytes(12)) + attribute
    with pytest.raises(struct.error):
        judge.parse_message(datagram)
    with pytest.raises(stun.MalformedStun):
        stun.parse(datagram)


@given(st.binary(max_size=120), st.integers(0, 100), st.integers(0, 255))
def test_no_datagram_makes_the_stun_parser_fail_otherwise(noise: bytes, at: int, byte: int) -> None:
    mutant = bytearray(_request())
    mutant[at % len(mutant)] = byte
    for datagram in (noise, bytes(mutant), bytes(mutant)[: at + 1]):
        with contextlib.suppress(stun.MalformedStun):
            assert stun.parse(datagram).transaction


def test_what_is_built_as_rtcp_is_understood_by_another_implementation() -> None:
    lost = [65530, 65535, 0, 7, 40]
    (nack,) = RtcpPacket.parse(rtcp.nack(1, 77, lost))
    assert isinstance(nack, RtcpRtpfbPacket)
    assert sorted(number % 65536 for number in nack.lost) == sorted(lost)
    (pli,) = RtcpPacket.parse(rtcp.key_frame_request(1, 77))
    assert isinstance(pli, RtcpPsfbPacket)
    assert pli.media_ssrc == 77
    (remb,) = RtcpPacket.parse(rtcp.bitrate_limit(1, 600_000, [77, 78]))
    assert isinstance(remb, RtcpPsfbPacket)
    assert unpack_remb_fci(remb.fci) == (600_000, [77, 78])
    (report,) = RtcpPacket.parse(rtcp.receiver_report(1, [ReportBlock(77, 12, 3, 70_000, 9, 5, 6)]))
    assert isinstance(report, RtcpRrPacket)
    assert (report.reports[0].fraction_lost, report.reports[0].packets_lost) == (12, 3)
    sender, _ = RtcpPacket.parse(rtcp.sender_report(SenderReport(77, 1 << 40, 9), 10, 1000, "E-1-A-01"))
    assert isinstance(sender, RtcpSrPacket)
    assert sender.sender_info.ntp_timestamp == 1 << 40


def test_rtcp_is_read_as_it_was_built() -> None:
    assert rtcp.parse(rtcp.nack(1, 77, [5, 6, 22])) == [Nack(77, (5, 6, 22))]
    assert rtcp.parse(rtcp.key_frame_request(1, 77)) == [KeyFrameRequest(77)]
    assert rtcp.parse(rtcp.sender_report(SenderReport(77, 3, 4), 0, 0, "c")) == [SenderReport(77, 3, 4)]
    assert rtcp.parse(rtcp.receiver_report(1, [ReportBlock(77, 12, 3, 7, 9, 5, 6)])) == [ReceiverReport(77, 12, 7)]


@given(st.binary(max_size=100))
def test_no_bytes_make_the_rtcp_parser_fail_otherwise(noise: bytes) -> None:
    whole = rtcp.receiver_report(1, [ReportBlock(77, 12, 3, 7, 9, 5, 6)])
    for data in (noise, whole[: len(noise) % len(whole)], b"\x81\xc8" + noise):
        with contextlib.suppress(rtcp.MalformedRtcp):
            assert isinstance(rtcp.parse(data), list)


@given(st.binary(min_size=1, max_size=60), st.integers(0, 65535), st.booleans())
def test_a_retransmission_restores_the_packet(payload: bytes, sequence: int, marker: bool) -> None:
    packet = struct.pack("!BBHII", 0x80, marker << 7 | 96, sequence, 1234, 77) + payload
    assert rtp.restore(rtp.wrap(packet), 96, 77) == (sequence, packet)


@given(st.integers(0, 1 << 40), st.integers(-30000, 30000))
def test_sequence_numbers_are_extended_to_the_nearest(reference: int, step: int) -> None:
    assert rtp.unwrap((reference + step) % 65536, reference) == reference + step


def _local() -> sdp.LocalTransport:
    ufrag, password = sdp.new_credentials()
    return sdp.LocalTransport(ufrag, password, ":".join(["AB"] * 32), "127.0.0.1", 5000, 600)


async def browser_offer() -> str:
    offers: list[str] = []

    class Enough(Exception):
        pass

    async def keep(offer: str) -> str:
        offers.append(offer)
        raise Enough

    peer = SeatPeer(clip_of("A-01"))
    with pytest.raises(Enough):
        await peer.publish(keep)
    await peer.close()
    return offers[0]


async def test_an_offer_is_taken_as_the_streams_it_names() -> None:
    offer = sdp.parse_offer(await browser_offer(), {"0": "video", "1": "audio"})
    picture, sound = offer.streams
    assert picture.rtx_ssrc
    assert not sound.rtx_ssrc
    answer = sdp.write_answer(offer, _local())
    assert "a=ice-lite" in answer
    # Of all header extensions the level alone: a forwarded MID or send time would confuse a subscriber.
    assert [line for line in answer.splitlines() if "extmap" in line] == [
        f"a=extmap:{sound.level_id} urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    ]
    assert "usedtx" not in answer


async def test_an_unwanted_section_is_rejected_and_the_rest_taken() -> None:
    offer = sdp.parse_offer(await browser_offer(), {"1": "audio"})
    answer = sdp.write_answer(offer, _local())
    assert "m=video 0 " in answer
    assert "a=group:BUNDLE 1\r\n" in answer


H264_LINES = [
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 106 107 108 109",
    *("a=rtpmap:96 VP8/90000", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"),
    *("a=rtpmap:102 H264/90000", "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"),
    *("a=rtpmap:103 rtx/90000", "a=fmtp:103 apt=102"),
    *("a=rtpmap:106 H264/90000", "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
    *("a=rtpmap:107 rtx/90000", "a=fmtp:107 apt=106"),
    *("a=rtpmap:108 H264/90000", "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"),
    *("a=rtpmap:109 rtx/90000", "a=fmtp:109 apt=108"),
    *("a=mid:0", "a=sendonly", "a=rtcp-mux", "a=setup:actpass", "a=ice-ufrag:abcd", "a=ice-pwd:" + "p" * 24),
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
    *("a=ssrc-group:FID 77 78", "a=ssrc:77 cname:c", "a=ssrc:78 cname:c"),
]


def _h264_offer(*without: str) -> str:
    kept = [line for line in H264_LINES if not any(word in line for word in without)]
    return "\r\n".join(["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE 0", *kept]) + "\r\n"


@pytest.mark.parametrize(
    ("preferred", "without", "codec", "payload", "rtx_payload"),
    [
        ("vp8", (), "vp8", 96, 97),
        ("h264", (), "h264", 106, 107),  # what is baseline without constraints, or has no fragments, is passed over
        ("vp8", ("VP8",), "h264", 106, 107),
        ("h264", ("H264", "profile"), "vp8", 96, 97),
        ("h264", ("apt=106",), "h264", 106, 0),
    ],
)
def test_of_two_codecs_the_preferred_one_is_taken_with_its_own_retransmission(
    preferred: str, without: tuple[str, ...], codec: str, payload: int, rtx_payload: int
) -> None:
    offer = sdp.parse_offer(_h264_offer(*without), {"0": "video"}, preferred)
    (stream,) = offer.streams
    assert (stream.codec.name, stream.payload, stream.rtx_payload) == (codec, payload, rtx_payload)
    answer = sdp.write_answer(offer, _local())
    assert (f"a=rtpmap:{payload} H264/90000" in answer) == (codec == "h264")
    assert ("profile-level-id=42e01f" in answer) == (codec == "h264")
    assert (f"a=fmtp:{rtx_payload} apt={payload}" in answer) == bool(rtx_payload)


def test_h264_in_another_profile_or_mode_only_is_refused() -> None:
    with pytest.raises(MediaRefusal, match="no-codec"):
        sdp.parse_offer(_h264_offer("VP8", ":106 "), {"0": "video"}, "h264")


def test_a_picture_is_offered_in_each_codec_with_a_retransmission_of_its_own() -> None:
    sent = sdp.SentStream("0", track_ref("A-01/camera"), 77, 78, "c")
    offer = sdp.write_offer((sent,), _local())
    assert "SAVPF 96 97 98 99\r\n" in offer
    for line in ("96 VP8/90000", "97 rtx/90000", "98 H264/90000", "99 rtx/90000"):
        assert f"a=rtpmap:{line}\r\n" in offer
    assert "a=fmtp:99 apt=98\r\n" in offer
    answer = offer.replace("96 97 98 99", "96 97").replace("a=sendonly", "a=recvonly").replace("actpass", "active")
    assert sdp.parse_answer(answer, ("0",))[1] == {"0": frozenset({96, 97})}


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda s: s + "a=x:" + "y" * 65536 + "\r\n", "sdp-too-big"),
        (lambda s: s + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" * 25, "sdp-too-many-sections"),
        (lambda s: s + "a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n" * 65, "sdp-too-many-candidates"),
        (lambda s: s.replace("VP8/90000", "VP9/90000").replace("H264/90000", "H265/90000"), "no-codec"),
        (lambda s: s.replace("a=ssrc", "a=other"), "no-ssrc"),
        (lambda s: s.replace("a=setup:actpass", "a=setup:passive"), "bad-sdp"),
        (lambda s: s.replace("a=fingerprint", "a=nothing"), "bad-sdp"),
        (lambda s: s.replace("a=mid:0", "a=mid:<x>"), "bad-sdp"),
        (lambda s: s.replace("a=sendrecv", "a=recvonly"), "bad-sdp"),
        (lambda s: "", "bad-sdp"),
    ],
)
async def test_an_offer_beyond_its_limits_is_refused_by_name(spoil: object, code: str) -> None:
    assert callable(spoil)
    with pytest.raises(MediaRefusal) as refusal:
        sdp.parse_offer(spoil(await browser_offer()), {"0": "video", "1": "audio"})
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "text", ["../camera", "A-01/../x", "/camera", "A-01/sound", "a b/camera", "A" * 65 + "/camera"]
)
def test_a_track_that_could_leave_its_folder_has_no_name(text: str) -> None:
    with pytest.raises(MediaRefusal):
        track_ref(text)
    assert track_ref("A-01/camera") == TrackRef(SeatId("A-01"), "camera")
