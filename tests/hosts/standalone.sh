#!/bin/sh
# Plays `mynah-app` on sound servers without a sound card, and measures what it recorded.
#
#   standalone.sh path/to/mynah-app [SECONDS]
#
# Needs jackd2 and jack-example-tools for JACK (Debian 12 has both in jackd2), pulseaudio, pulseaudio-utils and
# libasound2-plugins for PulseAudio; what is not there is left out, and said. A release build on a machine with nothing
# else to do. Exit code 1 if anything is late, silent or failed.
set -u
app=$1
seconds=${2:-60}
here=$(dirname "$0")
folder=$(mktemp -d)
failed=0
server=
source=

end_of() {
    if [ -n "$1" ]; then
        kill "$1" 2>/dev/null
        wait "$1" 2>/dev/null
    fi
}

tidy_up() {
    end_of "$source"
    end_of "$server"
    rm -rf "$folder"
}
trap tidy_up EXIT

fail() {
    echo "FAILED: $1"
    failed=1
}

# Runs the application without a window, with settings of its own. Fails if a block is late.
plays() {
    name=$1
    shift
    echo "── $name"
    MYNAH_CONFIG="$folder/config-$name" "$app" --no-window "$@" 2>"$folder/$name.log"
    code=$?
    cat "$folder/$name.log"
    [ $code -eq 0 ] || fail "$name: exit code $code"
    grep -q "late: 0 " "$folder/$name.log" || fail "$name: late blocks"
}

measure() {
    python3 "$here/measure_wav.py" "$@" || fail "$1 has silence in it"
}

python3 "$here/songs.py" "$folder/32-voices.mid" 32 "$seconds"
# PulseAudio takes some 2 s until it asks for more than its first block: what is recorded is shorter by that.
before_end=$((seconds - 3))

if command -v jackd >/dev/null; then
    # Real-time if the system allows it, as JACK is meant to be run.
    if chrt -f 10 true 2>/dev/null; then mode=-R; else mode=-r; fi
    jackd $mode -d dummy -r 48000 -p 256 >"$folder/jackd.log" 2>&1 &
    server=$!
    sleep 2
    plays jack-32-voices voice --backend jack --play "$folder/32-voices.mid" --record "$folder/jack.wav"
    measure "$folder/jack.wav" --sounds-from 1 --sounds-to "$before_end"
    if command -v jack_midiseq >/dev/null; then
        # A key each half second, from another program's MIDI port.
        jack_midiseq Sequencer 24000 0 60 20000 12000 64 10000 >/dev/null 2>&1 &
        source=$!
        sleep 1
        plays jack-midi voice --backend jack --midi Sequencer --seconds 5 --record "$folder/jack-midi.wav"
        measure "$folder/jack-midi.wav" --sounds-from 2 --sounds-to 4
        end_of "$source"
        source=
    fi
    end_of "$server"
    server=
else
    echo "── no jackd: JACK is left out"
fi

if command -v pulseaudio >/dev/null && command -v parec >/dev/null; then
    export XDG_RUNTIME_DIR="$folder" PULSE_RUNTIME_PATH="$folder/pulse" PULSE_STATE_PATH="$folder/pulse-state"
    unset PULSE_SERVER
    pulseaudio -n --realtime=yes --high-priority=yes --daemonize=no --exit-idle-time=-1 --disallow-exit \
        -L "module-null-sink sink_name=null rate=48000" -L module-native-protocol-unix \
        >"$folder/pulse.log" 2>&1 &
    server=$!
    sleep 2
    # What the server plays is recorded as well: a gap on the way shows there.
    parec -d null.monitor --format=s16le --rate=48000 --channels=2 --file-format=wav "$folder/monitor.wav" &
    source=$!
    plays pulse-32-voices voice --backend alsa --device pulse --buffer 512 \
        --play "$folder/32-voices.mid" --record "$folder/pulse.wav"
    end_of "$source"
    source=
    measure "$folder/pulse.wav" --sounds-from 1 --sounds-to "$before_end"
    measure "$folder/monitor.wav" --sounds-from 2 --sounds-to "$before_end"
    end_of "$server"
    server=
else
    echo "── no pulseaudio or parec: PulseAudio is left out"
fi

exit $failed
