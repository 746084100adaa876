// How high each row of a long table is: as measured, or as high as rows are on average.

const CHUNK = 128;
const ENOUGH = 12; // rows that are measured before the average is trusted

export class Heights {
  #sizes;
  #sums;
  #guess;
  #measured = 0;
  #count = 0;

  constructor(most, guess) {
    this.#sizes = new Float32Array(most);
    this.#sums = new Float64Array(Math.ceil(most / CHUNK)); // of what is measured in a chunk
    this.known = new Uint16Array(this.#sums.length); // and of how many rows
    this.#guess = guess;
  }

  get count() {
    return this.#count;
  }

  set count(count) {
    this.#count = count;
  }

  // Forgets all, since the width of the page is another one, or the rows are.
  clear() {
    this.#sizes.fill(0);
    this.#sums.fill(0);
    this.known.fill(0);
    this.#measured = 0;
  }

  set(place, size) {
    const chunk = Math.floor(place / CHUNK);
    const before = this.#sizes[place];
    if (!before) {
      this.known[chunk] += 1;
      // Once trusted, the average stays as it is: a table that grows at each look would jump.
      if (this.#measured < ENOUGH) {
        this.#guess = (this.#guess * this.#measured + size) / (this.#measured + 1);
        this.#measured += 1;
      }
    }
    this.#sums[chunk] += size - before;
    this.#sizes[place] = size;
  }

  #chunkSize(chunk) {
    const rows = Math.min(CHUNK, this.#count - chunk * CHUNK);
    return this.#sums[chunk] + (rows - this.known[chunk]) * this.#guess;
  }

  // Where the row at a place begins; that after the last one is the height of all.
  top(place) {
    const chunk = Math.floor(place / CHUNK);
    let top = 0;
    for (let index = 0; index < chunk; index += 1) top += this.#chunkSize(index);
    for (let index = chunk * CHUNK; index < place; index += 1) top += this.#sizes[index] || this.#guess;
    return top;
  }

  // The place of the row at a height.
  at(height) {
    let chunk = 0;
    let top = 0;
    const last = Math.max(0, Math.ceil(this.#count / CHUNK) - 1);
    for (; chunk < last && top + this.#chunkSize(chunk) <= height; chunk += 1) top += this.#chunkSize(chunk);
    let place = chunk * CHUNK;
    for (; place < this.#count - 1; place += 1) {
      top += this.#sizes[place] || this.#guess;
      if (top > height) break;
    }
    return Math.max(0, place);
  }
}
