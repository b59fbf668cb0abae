"""A small feed with nothing wrong, as files."""

from __future__ import annotations

import io
import zipfile

CLEAN = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone,agency_lang\nA,公交,https://a.cn,Asia/Shanghai,zh\n",
    "feed_info.txt": "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date,feed_version,"
    "feed_contact_email\n公交,https://a.cn,zh,20261101,20261231,1,a@a.cn\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n1,一站,30.10,120.10\n2,二站,30.11,120.10\n3,三站,30.12,120.10\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type,route_color,route_text_color\n"
    "R,A,1路,3,0055AA,FFFFFF\n",
    "trips.txt": "route_id,service_id,trip_id,shape_id,block_id\nR,S,T,L,b\nR,S,U,L,b\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "S,1,1,1,1,1,1,1,20261101,20261231\n",
    "shapes.txt": "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nL,30.10,120.10,1\nL,30.12,120.10,2\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "T,08:00:00,08:00:00,1,1\nT,08:05:00,08:05:00,2,2\nT,08:10:00,08:10:00,3,3\n"
    "U,09:00:00,09:00:00,1,1\nU,09:05:00,09:05:00,2,2\nU,09:10:00,09:10:00,3,3\n",
}


def packed(files: dict[str, str | bytes], folder: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return buffer.getvalue()


def with_line(name: str, *lines: str) -> dict[str, str]:
    """The clean feed with more lines in a file."""
    return CLEAN | {name: CLEAN.get(name, "") + "".join(line + "\n" for line in lines)}


def with_text(name: str, old: str, new: str) -> dict[str, str]:
    """The clean feed with a text of a file replaced."""
    assert old in CLEAN[name]
    return CLEAN | {name: CLEAN[name].replace(old, new)}
