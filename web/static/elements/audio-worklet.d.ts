// What a browser gives a script of its sound thread (Web Audio API, 1.32); TypeScript's own library has no such scope.

declare abstract class AudioWorkletProcessor {
  abstract process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}

declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
